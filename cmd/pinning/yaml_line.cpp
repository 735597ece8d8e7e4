// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_line.h"

#include <algorithm>

#include "cmd/pinning/dockerfile_lines.h"
#include "trust/error.h"

namespace hallmark::cmd::yaml {

void refuse(const Line& line, const std::string& why, const std::string& hint) {
  throw Error(Fault::usage, "line " + std::to_string(line.number) + ": " + why, hint);
}

std::size_t first_of_text(std::string_view text, std::size_t from) {
  return std::min(text.find_first_not_of(" \t", from), text.size());
}

bool is_over(std::string_view text, std::size_t from) {
  const std::size_t at = first_of_text(text, from);
  return at == text.size() || (text[at] == '#' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t'));
}

bool ends_key(std::string_view text, std::size_t colon) {
  return colon + 1 == text.size() || text[colon + 1] == ' ' || text[colon + 1] == '\t';
}

std::size_t plain_end(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text[at] == ':' && ends_key(text, at)) return at;
    if (text[at] == '#' && at > from && (text[at - 1] == ' ' || text[at - 1] == '\t')) return at;
  }
  return text.size();
}

std::string_view trimmed_right(std::string_view text) { return text.substr(0, text.find_last_not_of(" \t") + 1); }

std::size_t closing_quote(std::string_view text, std::size_t from, char quote) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) return at;
      ++at;  // two single quotes are one
    }
  }
  return kNone;
}

void check_bytes(std::string_view text) {
  const auto stop = [&](std::size_t place, const char* what) {
    if (place != kNone) fail(Fault::usage, "line ", line_of(text, place), ": ", what);
  };
  for (const std::string_view odd : {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    stop(text.find(odd), "a line break that not every reader of YAML knows");
  }
  stop(text.find(kMark, 1), "a byte order mark within the file");
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool is_return = byte == '\r';
    if (is_return && (at + 1 == text.size() || text[at + 1] != '\n')) stop(at, "a carriage return without a line feed");
    if (!is_return && byte != '\t' && byte != '\n' && (byte < 0x20 || byte == 0x7f)) stop(at, "a control character");
  }
}

}  // namespace hallmark::cmd::yaml
