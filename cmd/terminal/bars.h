// SPDX-License-Identifier: Apache-2.0
//
// How layers that come in look on a screen of a given size: a pure function from state to lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hallmark::cmd {

/// As docker decides it.
inline constexpr std::size_t kBarNeedsMoreColumnsThan = 110;

struct ScreenSize {
  std::size_t rows;
  std::size_t columns;
  bool operator==(const ScreenSize&) const = default;
};

/// Bytes a second as measured lately; 0 when that is not known yet.
using Speed = std::uint64_t;

/// Of one layer, however many images or lines of a manifest have it.
struct LayerState {
  enum class Stage { waiting, started, downloading, checking, verified, already_here };

  std::string name;  ///< the abbreviated digest
  std::uint64_t size;
  std::uint64_t passed;
  Stage stage;
  Speed speed = 0;

  [[nodiscard]] bool is_finished() const { return stage == Stage::verified || stage == Stage::already_here; }
  [[nodiscard]] bool is_active() const { return stage != Stage::waiting && !is_finished(); }
};

/// "3/8 layers, 214.3MB/637MB, 71.2MB/s, 6 seconds left"
std::string total_line(const std::vector<LayerState>& layers, Speed speed);

/// One line a layer while they fit into the screen less three rows, otherwise only those that are on their way; then
/// the total, unless there is a single layer. No line is as wide as the screen, and there are fewer than it has rows.
std::vector<std::string> bar_lines(const std::vector<LayerState>& layers, const ScreenSize& screen, Speed speed);

}  // namespace hallmark::cmd
