// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/live_region.h"

#include <algorithm>
#include <utility>

namespace hallmark::cmd {
namespace {

// Each by itself, and before it is written: a row that is only written over still continues the one above, and a screen
// that is erased as a whole is kept by some terminals above its top.
const std::string kErasedRow = "\x1b[2K";

/// In a terminal of now: a line that was drawn for a wider one takes several rows in it.
std::size_t rows_of(const std::string& line, std::size_t columns) {
  return line.empty() ? 1 : 1 + (line.size() - 1) / columns;
}

/// Takes so many rows away from the front; true when that cuts a line in two.
bool take_rows(std::vector<std::string>& from, std::vector<std::string>& to, std::size_t rows, std::size_t columns) {
  std::size_t count = 0;
  bool is_cut = false;
  for (; count < from.size() && rows > 0; ++count) {
    std::string& line = from[count];
    const std::size_t all = rows_of(line, columns);
    is_cut = rows < all;
    if (is_cut) line.resize(rows * columns);
    rows -= std::min(rows, all);
    to.push_back(std::move(line));
  }
  return is_cut;
}

}  // namespace

/// Forgets what is shown, but for what no cursor reaches any more: that may come back when the screen becomes higher.
std::string LiveRegion::to_top(const ScreenSize& screen) {
  const std::size_t columns = std::max<std::size_t>(screen.columns, 1);
  // The cursor stands below the lines and has a row of its own.
  const std::size_t reach = std::max<std::size_t>(screen.rows, 1) - 1;
  std::vector<std::string> all = std::exchange(out_of_reach_, {});
  all.insert(all.end(), shown_.begin(), shown_.end());
  shown_.clear();
  std::size_t rows = 0;
  for (const std::string& line : all) rows += rows_of(line, columns);
  is_cut_ = false;
  if (rows > reach) {
    is_cut_ = take_rows(all, out_of_reach_, rows - reach, columns);
    rows = reach;
  }
  // "0A" would go up by one all the same.
  return rows == 0 ? "\r" : "\r\x1b[" + std::to_string(rows) + "A";
}

std::string LiveRegion::replace(std::vector<std::string> lines, const ScreenSize& screen) {
  std::string text = to_top(screen);
  // Filled up to the last row, so that it is known what is above the first one.
  if (!out_of_reach_.empty() && lines.size() + 1 < screen.rows) {
    lines.insert(lines.begin(), screen.rows - 1 - lines.size(), std::string());
  }
  for (const std::string& line : lines) text += kErasedRow + line + '\n';
  shown_ = std::move(lines);
  // The first row of what is shown continues the cut line, for the terminal: together they are one line.
  if (is_cut_ && !shown_.empty() && shown_.front().empty()) shown_.erase(shown_.begin());
  return text + "\x1b[J";
}

std::string LiveRegion::say(std::string_view line, const ScreenSize& screen) {
  std::string text = to_top(screen) + kErasedRow;
  text.append(line) += "\x1b[K\n";
  // The line that was said lies between them and the next picture: they are not directly above it any more.
  out_of_reach_.clear();
  return text;
}

}  // namespace hallmark::cmd
