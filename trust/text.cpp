// SPDX-License-Identifier: Apache-2.0
#include "trust/text.h"

#include <algorithm>
#include <numeric>

namespace hallmark {
namespace {

/// Two letters that changed places are two steps; what is farther away is another word.
constexpr std::size_t kFarthest = 2;
/// The work grows with both lengths, and no command is that long.
constexpr std::size_t kLongest = 64;

std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j + 1] + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

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

std::string suggestion(const std::string& typed, const std::vector<std::string>& known) {
  if (typed.size() > kLongest) return {};
  std::string best;
  std::size_t least = kFarthest + 1;
  for (const std::string& word : known) {
    const std::size_t steps = distance(typed, word);
    // Of two that are as near the first in the table stays, so that each call says the same.
    if (steps < least) {
      least = steps;
      best = word;
    }
  }
  return best;
}

std::string hint_for(const std::string& typed, const std::vector<std::string>& known) {
  const std::string nearest = suggestion(typed, known);
  return (nearest.empty() ? "" : "did you mean \"" + nearest + "\"? ") + "expected one of " + list_of(known);
}

}  // namespace hallmark
