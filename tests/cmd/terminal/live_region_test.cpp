// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/live_region.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace hallmark::cmd;

TEST_CASE("what left the screen at its top is replaced when it comes back, and never what is not ours", "[cmd]") {
  LiveRegion region;
  const auto up = [](const std::string& text) { return text.substr(0, text.find('A') + 1); };
  region.replace(std::vector<std::string>(10, "line"), {30, 80});
  const std::string low = region.replace({"a", "b"}, {8, 80});
  REQUIRE(up(low) == "\r\x1b[7A");
  REQUIRE(std::count(low.begin(), low.end(), '\n') == 7);
  REQUIRE(up(region.replace({"a", "b"}, {8, 80})) == "\r\x1b[7A");
  REQUIRE(up(region.replace({"a"}, {30, 80})) == "\r\x1b[10A");
  REQUIRE(up(region.replace({"a"}, {30, 80})) == "\r\x1b[1A");
}
