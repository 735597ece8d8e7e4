// SPDX-License-Identifier: Apache-2.0
#include "registry/http/headers.h"

#include <algorithm>
#include <charconv>

namespace hallmark::registry {

void Headers::add(std::string_view name, std::string_view value) { fields_.emplace_back(lower_case(name), value); }

std::string Headers::add_line(std::string_view line) {
  // RFC 9112, 5.2: libcurl takes it for a part of the line before it, blanks alone included.
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return "a header goes on over several lines, and not all readers see it then";
  }
  const std::string_view field = trimmed(line);
  const auto colon = field.find(':');
  if (colon == std::string_view::npos) return {};
  if (colon > 0 && (field[colon - 1] == ' ' || field[colon - 1] == '\t')) {
    return "a header has a space before its colon, and not all readers see it then";
  }
  add(trimmed(field.substr(0, colon)), trimmed(field.substr(colon + 1)));
  return {};
}

std::optional<std::string> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (field == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Headers::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [field, value] : fields_) {
    if (field == name) values.push_back(value);
  }
  return values;
}

std::optional<std::uint64_t> Head::length() const {
  const auto text = headers.find("content-length");
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text->data() + text->size();
  // No sign and no blank is taken here. Readers that take them would see another number.
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

bool is_redirect(int status) {
  // Others of that class lead nowhere: 300 leaves a choice to people, and 304 answers a condition that is not sent
  // here.
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_header_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string lower_case(std::string_view text) {
  std::string small(text);
  // By hand and not by the locale: the words of a protocol have one lower case everywhere.
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

}  // namespace hallmark::registry
