// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/help.h"

#include <algorithm>
#include <numeric>

namespace hallmark::cmd {
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

}  // namespace hallmark::cmd
