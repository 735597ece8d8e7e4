// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/help.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("a mistyped command is recognised, a strange one is not", "[cmd]") {
  REQUIRE(cmd::suggestion("pul", {"push", "pull"}) == "pull");
  REQUIRE(cmd::suggestion("imgaes", {"images", "inspect"}) == "images");
  REQUIRE(cmd::suggestion("frobnicate", {"images", "pull"}).empty());
}
