// SPDX-License-Identifier: Apache-2.0
#include "trust/text.h"

#include <algorithm>

namespace hallmark {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    // Not by the C library, whose answer depends on the locale.
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string list_of(const std::vector<std::string>& words, std::size_t cut) {
  std::string list;
  for (const std::string& word : words) list.append(list.empty() ? "" : ", ").append(word, 0, cut);
  return list;
}

}  // namespace hallmark
