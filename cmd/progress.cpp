// SPDX-License-Identifier: Apache-2.0
#include "cmd/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <ostream>
#include <utility>

namespace hallmark::cmd {
namespace {

using Clock = std::chrono::steady_clock;
using Stage = LayerState::Stage;

constexpr std::chrono::milliseconds kBetweenPictures(100);
constexpr std::chrono::seconds kSpeedWindow(3);
constexpr std::chrono::seconds kSignOfLife(10);

/// How fast bytes came in lately.
class Speedometer {
 public:
  Speed speed(Clock::time_point now, std::uint64_t passed) {
    while (samples_.size() > 1 && now - samples_.front().first > kSpeedWindow) samples_.pop_front();
    if (samples_.empty() || now - samples_.back().first >= kBetweenPictures) samples_.emplace_back(now, passed);
    const auto& [since, before] = samples_.front();
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - since).count();
    if (elapsed < 1000 || passed < before) return 0;
    return static_cast<Speed>(static_cast<double>(passed - before) * 1000.0 / static_cast<double>(elapsed));
  }

 private:
  std::deque<std::pair<Clock::time_point, std::uint64_t>> samples_;
};

}  // namespace

ScreenSize screen_size() {
  for (const int terminal : {STDERR_FILENO, STDOUT_FILENO}) {
    winsize size{};
    if (ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
      return {size.ws_row, size.ws_col};
    }
  }
  return {24, 80};
}

struct Progress::Inside {
  const Style style;
  std::ostream& out;
  const Terminal terminal;

  std::mutex mutex;  // guards all below
  std::vector<LayerState> layers;
  std::map<Digest, std::size_t> places;
  std::vector<std::string> shown;         // the lines on the screen; the cursor stands below them
  std::optional<Clock::time_point> last;  // when something was written
  bool is_stale = false;                  // something happened since
  Speedometer speedometer;

  Inside(Style wanted_style, std::ostream& stream, Terminal seen_by)
      : style(wanted_style), out(stream), terminal(std::move(seen_by)) {}

  LayerState& at(const store::Descriptor& layer);
  Speed speed(Clock::time_point now);
  void say(const LayerState& layer, std::string_view what);
  void changed();
  void draw(Clock::time_point now);
  [[nodiscard]] std::string to_top_of_shown(const ScreenSize& screen) const;
};

LayerState& Progress::Inside::at(const store::Descriptor& layer) {
  const auto [place, is_new] = places.try_emplace(layer.digest, layers.size());
  if (is_new) layers.push_back({layer.digest.abbreviated(), layer.size, 0, Stage::waiting});
  return layers[place->second];
}

Speed Progress::Inside::speed(Clock::time_point now) {
  std::uint64_t passed = 0;
  for (const LayerState& layer : layers) passed += layer.passed;
  return speedometer.speed(now, passed);
}

void Progress::Inside::say(const LayerState& layer, std::string_view what) {
  if (style != Style::plain) return;
  out << layer.name << ": " << what << '\n' << std::flush;
  last = terminal.now();
}

/// Shows the new state, unless the screen was drawn a moment ago; a plain log gets a sign of life when it was silent.
void Progress::Inside::changed() {
  if (style == Style::quiet) return;
  const Clock::time_point now = terminal.now();
  if (style == Style::plain) {
    const Speed measured = speed(now);
    if (!last) last = now;
    if (now - *last < kSignOfLife) return;
    out << total_line(layers, measured) << '\n' << std::flush;
    last = now;
    return;
  }
  is_stale = true;
  if (!last || now - *last >= kBetweenPictures) draw(now);
}

/// When the screen became narrower its terminal has wrapped our lines: they stand on more rows than there are lines.
std::string Progress::Inside::to_top_of_shown(const ScreenSize& screen) const {
  std::size_t rows = 0;
  for (const std::string& line : shown) rows += 1 + (line.empty() ? 0 : (line.size() - 1) / screen.columns);
  return rows == 0 ? "\r" : "\r\x1b[" + std::to_string(rows) + "A";
}

void Progress::Inside::draw(Clock::time_point now) {
  const ScreenSize screen = terminal.size();
  std::vector<std::string> lines = bar_lines(layers, screen, speed(now));
  // One piece, so that the cursor is below the lines whenever something stops us.
  std::string picture = to_top_of_shown(screen);
  for (const std::string& line : lines) picture += line + "\x1b[K\n";
  picture += "\x1b[J";
  out << picture << std::flush;
  shown = std::move(lines);
  last = now;
  is_stale = false;
}

Progress::Progress(Style style, std::ostream& out, const std::vector<store::Descriptor>& layers)
    : Progress(style, out, layers, Terminal{screen_size, Clock::now}) {}

Progress::Progress(Style style, std::ostream& out, const std::vector<store::Descriptor>& layers, Terminal terminal)
    : inside_(std::make_unique<Inside>(style, out, std::move(terminal))) {
  for (const store::Descriptor& layer : layers) inside_->at(layer);
}

Progress::~Progress() {
  try {
    const std::lock_guard lock(inside_->mutex);
    if (inside_->is_stale) inside_->draw(inside_->terminal.now());
  } catch (const std::exception&) {
    // The last picture is not worth the result of the command.
    inside_->shown.clear();
  }
}

void Progress::started(const store::Descriptor& layer) {
  const std::lock_guard lock(inside_->mutex);
  LayerState& state = inside_->at(layer);
  if (state.stage != Stage::waiting) return;
  state.stage = Stage::started;
  inside_->say(state, "Pulling fs layer");
  inside_->changed();
}

void Progress::passed(const store::Descriptor& layer, std::uint64_t bytes) {
  const std::lock_guard lock(inside_->mutex);
  LayerState& state = inside_->at(layer);
  if (state.is_finished()) return;
  state.passed = std::min(bytes, state.size);
  const Stage before = std::exchange(state.stage, state.passed < state.size ? Stage::downloading : Stage::checking);
  if (state.stage == Stage::checking && before != Stage::checking) inside_->say(state, "Verifying Checksum");
  inside_->changed();
}

void Progress::verified(const store::Descriptor& layer, bool was_already_here) {
  const std::lock_guard lock(inside_->mutex);
  LayerState& state = inside_->at(layer);
  if (state.is_finished()) return;
  state.passed = state.size;
  state.stage = was_already_here ? Stage::already_here : Stage::verified;
  inside_->say(state, was_already_here ? "Already exists" : "Download complete");
  inside_->changed();
}

void Progress::notice(const std::string& line) {
  const std::lock_guard lock(inside_->mutex);
  if (inside_->style == Style::quiet) return;
  if (inside_->style == Style::plain) {
    inside_->out << line << '\n' << std::flush;
    inside_->last = inside_->terminal.now();
    return;
  }
  inside_->out << inside_->to_top_of_shown(inside_->terminal.size()) << "\x1b[J" << line << '\n';
  inside_->shown.clear();
  inside_->draw(inside_->terminal.now());
}

}  // namespace hallmark::cmd
