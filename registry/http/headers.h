// SPDX-License-Identifier: Apache-2.0
//
// The head of an answer: its status and its headers, as they came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hallmark::registry {

/// Headers of an answer, in their order. Names are kept in lower case.
class Headers {
 public:
  /// Servers write names in any case, and mean the same (RFC 9110 section 5.1).
  void add(std::string_view name, std::string_view value);
  /// Adds a line of a head as it came. Returns why it is not clear to all readers, or nothing; what has no colon says
  /// nothing.
  std::string add_line(std::string_view line);
  void clear() { fields_.clear(); }
  /// The first of that (lower-case) name.
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  /// All of that name. A header that stands twice is a list in some places (Link, WWW-Authenticate), and a
  /// contradiction in others (unclear_end()).
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Head {
  int status = 0;
  Headers headers;
  /// Content-Length, if it is there and a number.
  [[nodiscard]] std::optional<std::uint64_t> length() const;
};

/// 301, 302, 303, 307, 308.
bool is_redirect(int status);

/// One word of ASCII. A line break in a token would begin a header of the token server's own making.
bool is_header_word(std::string_view text);

/// Text without white space at both ends.
std::string_view trimmed(std::string_view text);
/// ASCII letters made small.
std::string lower_case(std::string_view text);

}  // namespace hallmark::registry
