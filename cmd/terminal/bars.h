// SPDX-License-Identifier: Apache-2.0
//
// How layers that come in look on a screen of a given size: a pure function from state to lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark::cmd {

struct ScreenSize {
  std::size_t rows;
  std::size_t columns;
  bool operator==(const ScreenSize&) const = default;
};

/// Bytes a second as measured lately; 0 when that is not known yet.
using Speed = std::uint64_t;

/// What each stage of a layer is called, as docker calls it.
struct TransferWords {
  std::string_view started;
  std::string_view moving;
  std::string_view checking;
  std::string_view done;
  std::string_view already_there;
  bool has_steps_in_log;  ///< where there are no bars, started and checking have lines of their own
};
inline constexpr TransferWords kPullWords{"Pulling fs layer",  "Downloading",    "Verifying Checksum",
                                          "Download complete", "Already exists", true};
inline constexpr TransferWords kPushWords{
    "Preparing", "Pushing", "Waiting for the registry", "Pushed", "Layer already exists", false};

/// "[====>   ] ", at most so wide and within the room; empty where that would tell nothing.
std::string bar(std::uint64_t passed, std::uint64_t size, std::size_t most_wide, std::size_t room);

/// Of one layer, however many images or lines of a manifest have it.
struct LayerState {
  /// `looked_at`: what is here already is being hashed, and may be all that is needed.
  enum class Stage { waiting, looked_at, started, downloading, checking, verified, already_here };

  std::string name;  ///< the abbreviated digest
  std::uint64_t size;
  std::uint64_t passed;
  Stage stage;
  Speed speed = 0;
  const TransferWords* words = &kPullWords;
  std::string ending{};  ///< where what became of it has other words than those: "Mounted from lib/base"

  [[nodiscard]] bool is_finished() const { return stage == Stage::verified || stage == Stage::already_here; }
  [[nodiscard]] bool is_active() const { return stage != Stage::waiting && !is_finished(); }
};

/// "3/8 layers, 214.3MB/637MB, 71.2MB/s, 6 seconds left"
std::string total_line(const std::vector<LayerState>& layers, Speed speed);

/// One line a layer while they fit into the screen less three rows, otherwise only those that are on their way; then
/// the total, unless there is a single layer. No line is as wide as the screen, and there are fewer than it has rows.
std::vector<std::string> bar_lines(const std::vector<LayerState>& layers, const ScreenSize& screen, Speed speed);

}  // namespace hallmark::cmd
