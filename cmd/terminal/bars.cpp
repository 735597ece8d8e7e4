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

std::string bar(const LayerState& layer) {
  const std::size_t filled = layer.size == 0 ? kBarWidth : kBarWidth * layer.passed / layer.size;
  return "[" + std::string(filled, '=') + ">" + std::string(kBarWidth - filled, ' ') + "] ";
}

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

std::string stage_text(const LayerState& layer, const ScreenSize& screen) {
  switch (layer.stage) {
    case LayerState::Stage::waiting: return "Waiting";
    case LayerState::Stage::started: return "Pulling fs layer";
    case LayerState::Stage::downloading:
      return "Downloading " + (screen.columns > kBarNeedsMoreColumnsThan ? bar(layer) : std::string()) + numbers(layer);
    case LayerState::Stage::checking: return "Verifying Checksum";
    case LayerState::Stage::verified: return "Verified";
    case LayerState::Stage::already_here: break;
  }
  return "Already exists";
}

/// The words, and how fast it goes where there is room for that as well.
std::string layer_line(const LayerState& layer, const ScreenSize& screen) {
  const std::string line = layer.name + ": " + stage_text(layer, screen);
  if (layer.stage != LayerState::Stage::downloading) return line;
  // docker's words first: what is added must not push them off the line.
  const std::string more = speed_and_time(layer.speed, layer.size - layer.passed);
  return line.size() + more.size() < screen.columns ? line + more : line;
}

}  // namespace

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
