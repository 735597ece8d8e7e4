// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/progress.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "cmd/terminal/bars.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::cmd;
using namespace std::chrono_literals;

namespace {

store::Descriptor layer(const std::string& content, std::uint64_t size) {
  return {"application/vnd.oci.image.layer.v1.tar+gzip", Digest::of(view_of(content)), size, {}, {}};
}

std::string id(const store::Descriptor& layer) { return layer.digest.abbreviated(); }

/// A terminal of a size, and a clock, that the test turns.
struct Scene {
  ScreenSize size{30, 130};
  std::chrono::steady_clock::time_point now{};
  std::ostringstream out;

  Progress::Terminal terminal() {
    return {[this] { return size; }, [this] { return now; }};
  }
  /// What was written since the last call.
  std::string taken() {
    std::string text = out.str();
    out.str("");
    return text;
  }
};

/// What is on a terminal of this width after the text: enough of one for what Progress writes.
class Emulator {
 public:
  explicit Emulator(std::size_t columns) : columns_(columns) {}

  void write(const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\x1b') {
        i = escape(text, i + 2);
      } else if (text[i] == '\r') {
        column_ = 0;
      } else if (text[i] == '\n') {
        column_ = 0;
        move_to(row_ + 1);
      } else {
        put(text[i]);
      }
    }
  }
  /// As terminals do that wrap again: lines longer than the width stand on several rows.
  void narrow(std::size_t columns) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (i == row_) row_ = rows.size();
      std::string rest = rows_[i];
      for (; rest.size() > columns; rest.erase(0, columns)) rows.push_back(rest.substr(0, columns));
      rows.push_back(rest);
    }
    rows_ = std::move(rows);
    columns_ = columns;
  }
  [[nodiscard]] const std::vector<std::string>& rows() const { return rows_; }
  [[nodiscard]] std::size_t row() const { return row_; }
  [[nodiscard]] std::size_t column() const { return column_; }

 private:
  std::size_t escape(const std::string& text, std::size_t at) {
    std::size_t number = 0;
    for (; text.at(at) >= '0' && text.at(at) <= '9'; ++at)
      number = 10 * number + static_cast<std::size_t>(text[at] - '0');
    switch (text[at]) {
      case 'A': row_ -= std::min(row_, number); break;
      case 'J': rows_.resize(row_ + 1); [[fallthrough]];
      case 'K': rows_[row_].resize(number == 2 ? 0 : std::min(rows_[row_].size(), column_)); break;
      default: throw std::runtime_error("a sequence that the emulator does not know");
    }
    return at;
  }
  void move_to(std::size_t row) {
    row_ = row;
    if (row_ >= rows_.size()) rows_.resize(row_ + 1);
  }
  void put(char character) {
    if (column_ >= columns_) throw std::runtime_error("a line is wider than the screen");
    if (rows_[row_].size() <= column_) rows_[row_].resize(column_ + 1, ' ');
    rows_[row_][column_++] = character;
  }

  std::size_t columns_;
  std::vector<std::string> rows_{""};
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

std::vector<std::string> text_rows(const Emulator& screen) {
  std::vector<std::string> rows = screen.rows();
  while (!rows.empty() && rows.back().empty()) rows.pop_back();
  return rows;
}

}  // namespace

TEST_CASE("plain progress is docker's lines, and a layer is complete only after it was verified", "[cmd]") {
  Scene scene;
  const auto first = layer("first", 100);
  const auto second = layer("second", 50);
  {
    Progress progress(Progress::Style::plain, scene.out, {first, second}, scene.terminal());
    progress.started(first);
    progress.passed(first, 40);
    progress.passed(first, 100);
    REQUIRE(scene.taken() == id(first) + ": Pulling fs layer\n" + id(first) + ": Verifying Checksum\n");
    progress.verified(first, false);
    // Nobody was asked for it: it was only looked at.
    progress.passed(second, 50);
    progress.verified(second, true);
  }
  REQUIRE(scene.taken() == id(first) + ": Download complete\n" + id(second) + ": Already exists\n");
}

TEST_CASE("a push shows what goes out, and how it ended", "[cmd]") {
  Scene scene;
  const auto one = layer("one", 1000);
  const auto two = layer("two", 1000);
  Emulator screen(130);
  {
    Progress progress(Progress::Style::bars, scene.out, {one, two}, scene.terminal(), kPushWords);
    progress.started(one);
    progress.passed(one, 500);
    scene.now += 200ms;
    progress.passed(one, 600);
    const std::string text = scene.taken();
    REQUIRE(text.find(id(one) + ": Pushing [") != std::string::npos);
    screen.write(text);
    progress.verified(one, false);
    progress.ended(two, "Mounted from lib/base");
  }
  screen.write(scene.taken());
  REQUIRE(text_rows(screen) ==
          std::vector<std::string>{id(one) + ": Pushed", id(two) + ": Mounted from lib/base", "2/2 layers, 2kB/2kB"});
  {
    Progress progress(Progress::Style::plain, scene.out, {one, two}, scene.terminal(), kPushWords);
    progress.started(one);
    progress.passed(one, 1000);
    progress.verified(one, false);
    progress.verified(two, true);
  }
  REQUIRE(scene.taken() == id(one) + ": Pushed\n" + id(two) + ": Layer already exists\n");
}

TEST_CASE("layers with the same bytes share one line", "[cmd]") {
  Scene scene;
  const auto same = layer("same", 100);
  {
    Progress progress(Progress::Style::plain, scene.out, {same, same}, scene.terminal());
    for (int i = 0; i < 2; ++i) {
      progress.started(same);
      progress.passed(same, 100);
      progress.verified(same, false);
    }
  }
  REQUIRE(scene.taken() ==
          id(same) + ": Pulling fs layer\n" + id(same) + ": Verifying Checksum\n" + id(same) + ": Download complete\n");
}

TEST_CASE("a plain log that was silent for ten seconds gets a sign of life", "[cmd]") {
  Scene scene;
  const auto big = layer("big", 1000);
  Progress progress(Progress::Style::plain, scene.out, {big}, scene.terminal());
  progress.started(big);
  scene.taken();
  scene.now += 9s;
  progress.passed(big, 100);
  REQUIRE(scene.taken().empty());
  scene.now += 1s;
  progress.passed(big, 200);
  REQUIRE(scene.taken().starts_with("0/1 layers, 200B/1kB"));
  progress.passed(big, 300);
  REQUIRE(scene.taken().empty());
}

TEST_CASE("quiet progress prints no progress, and what it is told to", "[cmd]") {
  Scene scene;
  const auto one = layer("one", 100);
  {
    Progress progress(Progress::Style::quiet, scene.out, {one}, scene.terminal());
    progress.started(one);
    scene.now += 60s;
    progress.passed(one, 100);
    progress.notice("warning: it was not recorded");
    progress.verified(one, false);
  }
  REQUIRE(scene.taken() == "warning: it was not recorded\n");
}

TEST_CASE("a notice is a line of its own in plain progress and above the bars", "[cmd]") {
  Scene scene;
  const auto one = layer("one", 100);
  {
    Progress progress(Progress::Style::plain, scene.out, {one}, scene.terminal());
    progress.notice("retrying in 2 seconds");
    REQUIRE(scene.taken() == "retrying in 2 seconds\n");
  }
  Emulator screen(130);
  {
    Progress progress(Progress::Style::bars, scene.out, {one}, scene.terminal());
    progress.started(one);
    progress.notice("retrying in 2 seconds");
    progress.verified(one, false);
  }
  screen.write(scene.taken());
  REQUIRE(text_rows(screen) == std::vector<std::string>{"retrying in 2 seconds", id(one) + ": Download complete"});
}

TEST_CASE("bars are drawn at most ten times a second and end with the last state, cursor below", "[cmd]") {
  Scene scene;
  const auto one = layer("one", 1000);
  std::size_t pictures = 0;
  Emulator screen(130);
  const auto look = [&] {
    const std::string text = scene.taken();
    if (!text.empty()) ++pictures;
    screen.write(text);
  };
  {
    Progress progress(Progress::Style::bars, scene.out, {one}, scene.terminal());
    progress.started(one);
    for (std::uint64_t i = 0; i < 1000; ++i, scene.now += 1ms) {
      progress.passed(one, i);
      look();
    }
    progress.verified(one, false);
  }
  look();
  REQUIRE(pictures <= 11);
  REQUIRE(pictures >= 10);
  REQUIRE(text_rows(screen) == std::vector<std::string>{id(one) + ": Download complete"});
  REQUIRE(screen.row() == 1);
  REQUIRE(screen.column() == 0);
}

TEST_CASE("bars leave the cursor below their lines when an exception ends them", "[cmd]") {
  Scene scene;
  const auto one = layer("one", 100);
  const auto two = layer("two", 100);
  Emulator screen(130);
  try {
    Progress progress(Progress::Style::bars, scene.out, {one, two}, scene.terminal());
    progress.started(one);
    progress.passed(one, 50);
    throw std::runtime_error("cut");
  } catch (const std::runtime_error&) {
    scene.out << "error: cut\n";
  }
  screen.write(scene.taken());
  const std::vector<std::string> rows = text_rows(screen);
  REQUIRE(rows.size() == 4);
  REQUIRE(rows[0].find(id(one) + ": Downloading [") == 0);
  REQUIRE(rows[1] == id(two) + ": Waiting");
  REQUIRE(rows[3] == "error: cut");
}

TEST_CASE("bars survive a screen that becomes narrower and shorter", "[cmd]") {
  Scene scene;
  std::vector<store::Descriptor> layers;
  for (int i = 0; i < 6; ++i) layers.push_back(layer(std::to_string(i), 1000));
  Emulator screen(130);
  screen.write("before\n");
  {
    Progress progress(Progress::Style::bars, scene.out, layers, scene.terminal());
    for (const auto& each : layers) {
      progress.started(each);
      progress.passed(each, 500);
      scene.now += 200ms;
    }
    screen.write(scene.taken());
    REQUIRE(text_rows(screen).size() == 8);
    screen.narrow(60);
    scene.size = {30, 60};
    progress.passed(layers[0], 600);
    screen.write(scene.taken());
    REQUIRE(text_rows(screen).size() == 8);
    REQUIRE(text_rows(screen)[1] == id(layers[0]) + ": Downloading [==========>       ]     600B/1kB");
    scene.size = {6, 60};
    scene.now += 200ms;
    progress.passed(layers[0], 700);
  }
  screen.write(scene.taken());
  REQUIRE(screen.rows().front() == "before");
  REQUIRE(text_rows(screen).back().find("0/6 layers, 3.2kB/6kB") == 0);
}

TEST_CASE("time alone shows what was held back, another size of the screen, and that nothing comes any more", "[cmd]") {
  Scene scene;
  const auto one = layer("one", 100'000);
  Progress progress(Progress::Style::bars, scene.out, {one}, scene.terminal());
  progress.tick();
  REQUIRE(scene.taken().empty());
  progress.started(one);
  scene.taken();
  scene.now += 200ms;
  progress.passed(one, 10'000);
  REQUIRE(scene.taken().find("10kB/100kB") != std::string::npos);
  scene.now += 50ms;
  progress.passed(one, 20'000);
  progress.tick();
  REQUIRE(scene.taken().empty());
  scene.now += 50ms;
  progress.tick();
  REQUIRE(scene.taken().find("20kB/100kB") != std::string::npos);
  scene.now += 500ms;
  progress.tick();
  REQUIRE(scene.taken().empty());
  scene.size = {30, 80};
  progress.tick();
  REQUIRE(scene.taken().find("]     20kB/100kB") != std::string::npos);
  scene.now += 1s;
  progress.tick();
  REQUIRE(scene.taken().find("kB/s") != std::string::npos);
  for (int i = 0; i < 4; ++i, scene.now += 1s) progress.tick();
  scene.taken();
  progress.tick();
  REQUIRE(scene.taken().find("kB/s") == std::string::npos);
}

TEST_CASE("a plain log gets its sign of life also when nothing comes", "[cmd]") {
  Scene scene;
  const auto one = layer("one", 100);
  Progress progress(Progress::Style::plain, scene.out, {one}, scene.terminal());
  progress.started(one);
  scene.taken();
  scene.now += 9s;
  progress.tick();
  REQUIRE(scene.taken().empty());
  scene.now += 1s;
  progress.tick();
  REQUIRE(scene.taken() == "0/1 layers, 0B/100B\n");
}

TEST_CASE("progress may be told from several threads", "[cmd]") {
  Scene scene;
  std::vector<store::Descriptor> layers;
  for (int i = 0; i < 4; ++i) layers.push_back(layer(std::to_string(i), 1000));
  {
    Progress progress(Progress::Style::plain, scene.out, layers, scene.terminal());
    std::vector<std::jthread> threads;
    for (const auto& each : layers) {
      threads.emplace_back([&progress, &each] {
        progress.started(each);
        for (std::uint64_t i = 1; i <= 1000; ++i) progress.passed(each, i);
        progress.verified(each, false);
      });
    }
  }
  const std::string text = scene.taken();
  REQUIRE(std::count(text.begin(), text.end(), '\n') == 12);
  for (const auto& each : layers) REQUIRE(text.find(id(each) + ": Download complete\n") != std::string::npos);
}
