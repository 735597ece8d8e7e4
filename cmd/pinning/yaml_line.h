// SPDX-License-Identifier: Apache-2.0
//
// A line of a YAML file, and where the pieces of it end (YAML 1.2, chapters 6 and 7).
#pragma once

#include <string>
#include <string_view>

namespace hallmark::cmd::yaml {

constexpr std::string_view kMark = "\xef\xbb\xbf";  ///< of byte order, which may begin a file
constexpr std::string_view kStringTag = "!!str";    ///< the one tag that leaves a key as it is written
constexpr std::size_t kNone = std::string_view::npos;

struct Line {
  std::string_view text;  ///< without its end
  std::size_t place;      ///< in the file
  std::size_t number;     ///< the first is 1
};

/// Fault::usage, with the line.
[[noreturn]] void refuse(const Line& line, const std::string& why, const std::string& hint = "");

/// The first place from `from` on that is no blank and no tab; the line's end when there is none.
std::size_t first_of_text(std::string_view text, std::size_t from);
/// Nothing but white space and a comment from here on.
bool is_over(std::string_view text, std::size_t from);
/// Whether the colon is a key's.
bool ends_key(std::string_view text, std::size_t colon);
/// Where a plain scalar that begins at `from` ends: at its key's colon, a comment, or the end of the line.
std::size_t plain_end(std::string_view text, std::size_t from);
/// Where the quoted scalar that began before `from` ends: its closing quote; kNone when that is on another line.
std::size_t closing_quote(std::string_view text, std::size_t from, char quote);
std::string_view trimmed_right(std::string_view text);

/// Fault::usage for breaks of lines that some readers of YAML see and others do not, and bytes that no YAML has.
void check_bytes(std::string_view text);

}  // namespace hallmark::cmd::yaml
