// SPDX-License-Identifier: Apache-2.0
//
// Lines on a terminal that are drawn again and again in the same place, whatever happens to its size in between.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/terminal/bars.h"

namespace hallmark::cmd {

/// What to write; it writes nothing itself. The cursor always stands below the lines. It is taken for granted that a
/// terminal that becomes narrower wraps again what is too long for it, and that one that becomes higher shows again
/// what it had moved out at the top. One that does neither may lose lines above the picture when it becomes narrower.
class LiveRegion {
 public:
  /// The lines in the place of the earlier ones. There must be fewer than rows of the screen, each shorter than one.
  std::string replace(std::vector<std::string> lines, const ScreenSize& screen);
  /// A line that stays, where the picture was; the next picture comes below it.
  std::string say(std::string_view line, const ScreenSize& screen);

 private:
  std::vector<std::string> out_of_reach_;  // ours, and directly above what is shown: they left the screen at the top
  std::vector<std::string> shown_;
  bool is_cut_ = false;  // of the last line out of reach the end was on the screen

  std::string to_top(const ScreenSize& screen);
};

}  // namespace hallmark::cmd
