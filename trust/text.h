// SPDX-License-Identifier: Apache-2.0
//
// Words: letters where only those of ASCII have a case (hosts, members of documents, names of systems), and lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hallmark {

/// 0 to 9.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A to Z become a to z; every other byte stays.
std::string lowered(std::string_view text);

/// As many digits of a key's id as people compare.
constexpr std::size_t kShortId = 12;

/// Whether the word is among them, letter by letter.
bool holds(const std::vector<std::string>& words, const std::string& word);

/// "a, b, c", each cut to so many characters.
std::string list_of(const std::vector<std::string>& words, std::size_t cut = std::string::npos);

/// "Did you mean": of the known words the nearest to a mistyped one by edit distance (insert, delete, replace), at most
/// two steps away; empty when there is none.
std::string suggestion(const std::string& typed, const std::vector<std::string>& known);

/// A hint for a word that is none of those: "did you mean "this"? expected one of ...".
std::string hint_for(const std::string& typed, const std::vector<std::string>& known);

}  // namespace hallmark
