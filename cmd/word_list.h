// SPDX-License-Identifier: Apache-2.0
//
// Lists of words: ids of keys, names of roles.
#pragma once

#include <string>
#include <vector>

namespace hallmark::cmd {

/// As many digits of a key's id as people compare.
constexpr std::size_t kShortId = 12;

bool holds(const std::vector<std::string>& words, const std::string& word);

/// "a, b, c", each cut to so many characters.
std::string list_of(const std::vector<std::string>& words, std::size_t cut = std::string::npos);

}  // namespace hallmark::cmd
