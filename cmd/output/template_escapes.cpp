// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template_escapes.h"

namespace hallmark::cmd {
namespace {

std::string hex_of(char c) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {kDigits[byte >> 4U], kDigits[byte & 0xfU]};
}

// RFC 3986, 2.3.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.~").find(c) != std::string_view::npos;
}

template <class Escape>
std::string each_escaped(std::string_view text, Escape&& escape) {
  std::string out;
  for (const char c : text) out += escape(c);
  return out;
}

}  // namespace

std::string escaped_as_html(std::string_view text) {
  return each_escaped(text, [](char c) -> std::string {
    switch (c) {
      // By numbers, as Go writes them: &apos; is not known to all readers of HTML.
      case '"': return "&#34;";
      case '\'': return "&#39;";
      case '&': return "&amp;";
      case '<': return "&lt;";
      case '>': return "&gt;";
      case '\0': return "\xef\xbf\xbd";  // U+FFFD
      default: return {c};
    }
  });
}

std::string escaped_as_js(std::string_view text) {
  return each_escaped(text, [](char c) -> std::string {
    if (c == '\\' || c == '\'' || c == '"') return {'\\', c};
    const bool is_control = static_cast<unsigned char>(c) < ' ';
    // < and > cannot end a script that holds the text, and control characters cannot end its line.
    if (is_control || c == '<' || c == '>' || c == '&' || c == '=') return "\\u00" + hex_of(c);
    return {c};
  });
}

std::string escaped_as_query(std::string_view text) {
  return each_escaped(text, [](char c) -> std::string {
    // So a query has it; in a path + would be a plus.
    if (c == ' ') return "+";
    return is_unreserved(c) ? std::string{c} : "%" + hex_of(c);
  });
}

}  // namespace hallmark::cmd
