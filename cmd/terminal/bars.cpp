// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/bars.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "cmd/output/format.h"

namespace hallmark::cmd {
namespace {

/// As wide as docker's.
constexpr std::size_t kBarWidth = 50;
constexpr std::size_t kNumberWidth = 8;

std::string numbers(const LayerState& layer) {
  std::string passed = exact_size(layer.passed);
  if (passed.size() < kNumberWidth) passed.insert(0, kNumberWidth - passed.size(), ' ');
  return passed + "/" + exact_size(layer.size);
}

/// With a speed that is not known yet any time left would be a guess.
std::string speed_and_time(Speed speed, std::uint64_t left) {
  if (speed == 0 || left == 0) return {};
  return ", " + exact_size(speed) + "/s, " + duration(std::chrono::seconds(left / speed)) + " left";
}

/// "Downloading [===>  ]  12MB/30MB, 1MB/s, 18 seconds left", within the room: the bar is as wide as it can be, and
/// what does not fit beside the least of it is left out.
std::string moving_text(const LayerState& layer, std::string_view word, std::size_t room) {
  const std::string begin = std::string(word) + " ";
  const std::string count = numbers(layer);
  const std::string more = speed_and_time(layer.speed, layer.size - layer.passed);
  const auto bar_beside = [&](std::size_t taken) {
    return bar(layer.passed, layer.size, kBarWidth, room > taken ? room - taken : 0);
  };
  const std::size_t taken = begin.size() + count.size();
  const std::string small_bar = bar_beside(taken + more.size());
  if (!small_bar.empty()) return begin + small_bar + count + more;
  const std::string line = begin + bar_beside(taken) + count;
  return line.size() + more.size() <= room ? line + more : line;
}

std::string stage_text(const LayerState& layer, std::size_t room) {
  const TransferWords& words = *layer.words;
  switch (layer.stage) {
    case LayerState::Stage::waiting: return "Waiting";
    case LayerState::Stage::looked_at: return moving_text(layer, "Verifying what is here", room);
    case LayerState::Stage::started: return std::string(words.started);
    case LayerState::Stage::downloading: return moving_text(layer, words.moving, room);
    case LayerState::Stage::checking: return std::string(words.checking);
    case LayerState::Stage::verified: return layer.ending.empty() ? std::string(words.done) : layer.ending;
    case LayerState::Stage::already_here: break;
  }
  return std::string(words.already_there);
}

std::string layer_line(const LayerState& layer, const ScreenSize& screen) {
  const std::string name = layer.name + ": ";
  return name + stage_text(layer, screen.columns > name.size() ? screen.columns - name.size() - 1 : 0);
}

}  // namespace

std::string bar(std::uint64_t passed, std::uint64_t size, std::size_t most_wide, std::size_t room) {
  constexpr std::size_t kFrame = std::string_view("[>] ").size();
  constexpr std::size_t kLeastBar = 8;
  if (room < kFrame + kLeastBar) return {};
  const std::size_t width = std::min(most_wide, room - kFrame);
  const std::size_t filled = size == 0 ? width : width * passed / size;
  return "[" + std::string(filled, '=') + ">" + std::string(width - filled, ' ') + "] ";
}

std::string total_line(const std::vector<LayerState>& layers, Speed speed) {
  std::uint64_t size = 0;
  std::uint64_t passed = 0;
  std::size_t finished = 0;
  for (const LayerState& layer : layers) {
    size += layer.size;
    // What was here already counts as passed, so that the total reaches its end.
    passed += layer.is_finished() ? layer.size : layer.passed;
    if (layer.is_finished()) ++finished;
  }
  return std::to_string(finished) + "/" + std::to_string(layers.size()) + " layers, " + exact_size(passed) + "/" +
         exact_size(size) + speed_and_time(speed, size - passed);
}

std::vector<std::string> bar_lines(const std::vector<LayerState>& layers, const ScreenSize& screen, Speed speed) {
  const std::size_t most = screen.rows > 4 ? screen.rows - 3 : 1;
  const bool all_fit = layers.size() <= most;
  std::vector<std::string> lines;
  for (const LayerState& layer : layers) {
    if (lines.size() == most) break;
    // What is finished or waits tells nothing that the total does not.
    if (all_fit || layer.is_active()) lines.push_back(layer_line(layer, screen));
  }
  if (layers.size() > 1) lines.push_back(total_line(layers, speed));
  // The cursor needs a row as well.
  const std::size_t room = std::max<std::size_t>(screen.rows, 1) - 1;
  if (lines.size() > room) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(room));
  // A line as wide as the screen would wrap on some terminals and stand on two rows.
  for (std::string& line : lines) line.resize(std::min(line.size(), std::max<std::size_t>(screen.columns, 2) - 1));
  return lines;
}

}  // namespace hallmark::cmd
