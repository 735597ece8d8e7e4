// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/bars.h"

#include <algorithm>

#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::cmd;

namespace {

using Stage = LayerState::Stage;

}  // namespace

TEST_CASE("a bar is as wide as there is room for it, and left out where it would tell nothing", "[cmd]") {
  const std::vector<LayerState> layers{{"fc0041de4d62", 93'292'118, 30'600'000, Stage::downloading}};
  REQUIRE(bar_lines(layers, {30, 130}, 0) ==
          std::vector<std::string>{"fc0041de4d62: Downloading [================>                                  ]   "
                                   "30.6MB/93.29MB"});
  REQUIRE(bar_lines(layers, {30, 80}, 0) ==
          std::vector<std::string>{"fc0041de4d62: Downloading [==========>                       ]   30.6MB/93.29MB"});
  REQUIRE(bar_lines(layers, {30, 50}, 0) == std::vector<std::string>{"fc0041de4d62: Downloading   30.6MB/93.29MB"});
}

TEST_CASE("a full bar fills its box and an empty layer does not divide by nothing", "[cmd]") {
  const std::string full = "[" + std::string(50, '=') + ">] ";
  const std::vector<LayerState> whole{{"a", 5, 5, Stage::downloading}, {"b", 0, 0, Stage::downloading}};
  for (std::size_t i = 0; i < 2; ++i) REQUIRE(bar_lines(whole, {30, 130}, 0)[i].find(full) != std::string::npos);
}

TEST_CASE("every stage of a layer has its words", "[cmd]") {
  const std::vector<LayerState> layers{{"a", 9, 0, Stage::waiting},
                                       {"b", 9, 0, Stage::started},
                                       {"c", 9, 9, Stage::checking},
                                       {"d", 9, 9, Stage::verified},
                                       {"e", 9, 9, Stage::already_here}};
  REQUIRE(bar_lines(layers, {30, 80}, 0) == std::vector<std::string>{"a: Waiting", "b: Pulling fs layer",
                                                                     "c: Verifying Checksum", "d: Download complete",
                                                                     "e: Already exists", "2/5 layers, 27B/45B"});
}

TEST_CASE("the total tells speed and time left once the speed is known", "[cmd]") {
  const std::vector<LayerState> layers{{"a", 600'000'000, 600'000'000, Stage::verified},
                                       {"b", 37'000'000, 20'000'000, Stage::downloading}};
  REQUIRE(total_line(layers, 0) == "1/2 layers, 620MB/637MB");
  REQUIRE(total_line(layers, 8'500'000) == "1/2 layers, 620MB/637MB, 8.5MB/s, 2 seconds left");
}

TEST_CASE("a layer tells its own speed and time left where there is room for them", "[cmd]") {
  const std::vector<LayerState> layers{{"fc0041de4d62", 93'000'000, 33'000'000, Stage::downloading, 6'000'000}};
  REQUIRE(bar_lines(layers, {30, 130}, 0).front().ends_with("]     33MB/93MB, 6MB/s, 10 seconds left"));
  REQUIRE(bar_lines(layers, {30, 80}, 0).front() ==
          "fc0041de4d62: Downloading [====>        ]     33MB/93MB, 6MB/s, 10 seconds left");
  REQUIRE(bar_lines(layers, {30, 50}, 0).front() == "fc0041de4d62: Downloading     33MB/93MB");
}

TEST_CASE("more layers than rows show those that are on their way, three rows less than there are, and the total",
          "[cmd]") {
  std::vector<LayerState> layers(100, LayerState{"a", 10, 0, Stage::waiting});
  layers[0].stage = Stage::verified;
  layers[50] = {"b", 10, 5, Stage::downloading};
  layers[60].stage = Stage::checking;
  REQUIRE(bar_lines(layers, {24, 80}, 0) == std::vector<std::string>{"b: Downloading [" + std::string(24, '=') + ">" +
                                                                         std::string(24, ' ') + "]       5B/10B",
                                                                     "a: Verifying Checksum", "1/100 layers, 15B/1kB"});
  for (LayerState& each : layers) each.stage = Stage::started;
  REQUIRE(bar_lines(layers, {24, 80}, 0).size() == 22);
  REQUIRE(bar_lines(layers, {3, 80}, 0).size() == 2);
  REQUIRE(bar_lines(layers, {2, 80}, 0) == std::vector<std::string>{"0/100 layers, 5B/1kB"});
  REQUIRE(bar_lines(layers, {1, 80}, 0).empty());
}

TEST_CASE("no line reaches the right edge of the screen", "[cmd]") {
  const std::vector<LayerState> layers{{"fc0041de4d62", 93'292'118, 30'600'000, Stage::downloading},
                                       {"fc0041de4d63", 93'292'118, 0, Stage::waiting}};
  for (const std::size_t columns : {1U, 2U, 20U, 111U}) {
    for (const std::string& line : bar_lines(layers, {30, columns}, 1000)) {
      REQUIRE(line.size() < std::max<std::size_t>(columns, 2));
    }
  }
}
