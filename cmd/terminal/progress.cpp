// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <ostream>
#include <system_error>
#include <thread>
#include <utility>

#include "cmd/terminal/live_region.h"

namespace hallmark::cmd {
namespace {

using Clock = std::chrono::steady_clock;
using Stage = LayerState::Stage;

constexpr std::chrono::milliseconds kBetweenPictures(100);
constexpr std::chrono::seconds kLongestPicture(1);  // without news: the speed falls, the time left grows
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
    // Less than a second tells nothing yet; what was begun anew has no speed before it gets further than it was.
    if (elapsed < 1000 || passed < before) return 0;
    return static_cast<Speed>(static_cast<double>(passed - before) * 1000.0 / static_cast<double>(elapsed));
  }

 private:
  std::deque<std::pair<Clock::time_point, std::uint64_t>> samples_;
};

}  // namespace

ScreenSize screen_size() {
  // Pictures go to standard error, so that its terminal counts first.
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
  const TransferWords& words;

  std::mutex mutex;  // guards all below
  std::vector<LayerState> layers;
  std::map<Digest, std::size_t> places;
  LiveRegion region;
  std::optional<Clock::time_point> last;  // when something was written
  ScreenSize drawn_for{0, 0};
  bool is_stale = false;  // something happened since
  Speedometer speedometer;
  std::vector<Speedometer> layer_speeds;

  std::condition_variable_any is_over;
  std::jthread ticker;  // the last member: it ends before what it uses

  Inside(Style wanted_style, std::ostream& stream, Terminal seen_by, const TransferWords& transfer_words)
      : style(wanted_style), out(stream), terminal(std::move(seen_by)), words(transfer_words) {}

  LayerState& at(const store::Descriptor& layer);
  Speed speed(Clock::time_point now);
  void say(const LayerState& layer, std::string_view what);
  void say_step(const LayerState& layer, std::string_view what) {
    if (words.has_steps_in_log) say(layer, what);
  }
  void changed();
  void give_sign_of_life(Clock::time_point now);
  void tick();
  void tick_until(const std::stop_token& end);
  void draw(Clock::time_point now);
};

LayerState& Progress::Inside::at(const store::Descriptor& layer) {
  const auto [place, is_new] = places.try_emplace(layer.digest, layers.size());
  // By digest: the same layer in two manifests is fetched once, and has one line.
  if (is_new) layers.push_back({layer.digest.abbreviated(), layer.size, 0, Stage::waiting, 0, &words});
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

/// A plain log gets a line when it was silent.
void Progress::Inside::give_sign_of_life(Clock::time_point now) {
  const Speed measured = speed(now);
  // The silence is measured from the first sign of work.
  if (!last) last = now;
  if (now - *last < kSignOfLife) return;
  out << total_line(layers, measured) << '\n' << std::flush;
  last = now;
}

/// Shows the new state, unless the screen was drawn a moment ago.
void Progress::Inside::changed() {
  if (style == Style::quiet) return;
  const Clock::time_point now = terminal.now();
  if (style == Style::plain) return give_sign_of_life(now);
  is_stale = true;
  if (!last || now - *last >= kBetweenPictures) draw(now);
}

void Progress::Inside::tick() {
  if (style == Style::quiet || !last) return;
  const Clock::time_point now = terminal.now();
  if (style == Style::plain) return give_sign_of_life(now);
  const auto since = now - *last;
  if (terminal.size() != drawn_for || since >= kLongestPicture || (is_stale && since >= kBetweenPictures)) draw(now);
}

void Progress::Inside::tick_until(const std::stop_token& end) {
  std::unique_lock lock(mutex);
  try {
    while (!is_over.wait_for(lock, end, kBetweenPictures, [&end] { return end.stop_requested(); })) tick();
  } catch (const std::exception&) {
    return;  // pictures are not worth the result of the command
  }
}

void Progress::Inside::draw(Clock::time_point now) {
  const ScreenSize screen = terminal.size();
  layer_speeds.resize(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerState& layer = layers[i];
    if (layer.stage == Stage::downloading) layer.speed = layer_speeds[i].speed(now, layer.passed);
  }
  // One piece, so that the cursor is below the lines whenever something stops us.
  out << region.replace(bar_lines(layers, screen, speed(now)), screen) << std::flush;
  drawn_for = screen;
  last = now;
  is_stale = false;
}

Progress::Style Progress::style_for(const Environment& environment, bool is_quiet) {
  if (is_quiet) return Style::quiet;
  // Without TERM nothing is known of the terminal: bars could garble a log.
  const bool is_dumb = environment.variable("TERM").value_or("dumb") == "dumb";
  return environment.err_is_terminal && !is_dumb ? Style::bars : Style::plain;
}

Progress::Progress(Style style, std::ostream& out, const std::vector<store::Descriptor>& layers,
                   const TransferWords& words)
    : Progress(style, out, layers, Terminal{screen_size, Clock::now}, words) {
  if (style == Style::quiet) return;
  try {
    inside_->ticker = std::jthread([inside = inside_.get()](const std::stop_token& end) { inside->tick_until(end); });
  } catch (const std::system_error&) {
    return;  // no more threads: it is drawn when something happens
  }
}

Progress::Progress(Style style, std::ostream& out, const std::vector<store::Descriptor>& layers, Terminal terminal,
                   const TransferWords& words)
    : inside_(std::make_unique<Inside>(style, out, std::move(terminal), words)) {
  for (const store::Descriptor& layer : layers) inside_->at(layer);
}

Progress::~Progress() {
  // Before the lock is taken: the thread needs it to come to its end.
  inside_->ticker = {};
  try {
    const std::lock_guard lock(inside_->mutex);
    if (inside_->style != Style::bars || !inside_->last) return;
    if (inside_->is_stale) inside_->draw(inside_->terminal.now());
    inside_->out << "\r\x1b[J" << std::flush;  // away with the ^C that the terminal has put there
  } catch (const std::exception&) {
    // The last picture is not worth the result of the command.
    inside_->is_stale = false;
  }
}

void Progress::tick() {
  const std::lock_guard lock(inside_->mutex);
  inside_->tick();
}

void Progress::started(const store::Descriptor& layer) {
  const std::lock_guard lock(inside_->mutex);
  LayerState& state = inside_->at(layer);
  // Layers with the same bytes share this state: a second one that begins takes nothing back.
  if (state.stage != Stage::waiting && state.stage != Stage::looked_at) return;
  state.stage = Stage::started;
  inside_->say_step(state, inside_->words.started);
  inside_->changed();
}

void Progress::passed(const store::Descriptor& layer, std::uint64_t bytes) {
  const std::lock_guard lock(inside_->mutex);
  LayerState& state = inside_->at(layer);
  if (state.is_finished()) return;
  // A server that sends too much is stopped elsewhere; no bar gets longer than its box.
  state.passed = std::min(bytes, state.size);
  // Nobody was asked for it: what is here may be all of it.
  if (state.stage == Stage::waiting || state.stage == Stage::looked_at) {
    state.stage = Stage::looked_at;
    return inside_->changed();
  }
  // The last byte is not the end: the digest and the DiffID are not known before that.
  const Stage before = std::exchange(state.stage, state.passed < state.size ? Stage::downloading : Stage::checking);
  if (state.stage == Stage::checking && before != Stage::checking) inside_->say_step(state, inside_->words.checking);
  inside_->changed();
}

void Progress::verified(const store::Descriptor& layer, bool was_already_here) {
  const std::lock_guard lock(inside_->mutex);
  LayerState& state = inside_->at(layer);
  if (state.is_finished()) return;
  state.passed = state.size;
  state.stage = was_already_here ? Stage::already_here : Stage::verified;
  inside_->say(state, was_already_here ? inside_->words.already_there : inside_->words.done);
  inside_->changed();
}

void Progress::ended(const store::Descriptor& layer, const std::string& ending) {
  const std::lock_guard lock(inside_->mutex);
  LayerState& state = inside_->at(layer);
  state.passed = state.size;
  state.stage = Stage::verified;
  state.ending = ending;
  inside_->say(state, ending);
  inside_->changed();
}

void Progress::notice(const std::string& line) {
  const std::lock_guard lock(inside_->mutex);
  if (inside_->style != Style::bars) {
    inside_->out << line << '\n' << std::flush;
    inside_->last = inside_->terminal.now();
    return;
  }
  inside_->out << inside_->region.say(line, inside_->terminal.size());
  inside_->draw(inside_->terminal.now());
}

}  // namespace hallmark::cmd
