// SPDX-License-Identifier: Apache-2.0
#include "trust/text.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("a mistyped word is recognised, a strange one is not", "[trust]") {
  REQUIRE(suggestion("pul", {"push", "pull"}) == "pull");
  REQUIRE(suggestion("imgaes", {"images", "inspect"}) == "images");
  REQUIRE(suggestion("frobnicate", {"images", "pull"}).empty());
  REQUIRE(hint_for("maxBundelAge", {"maxBundleAge", "mode"}) ==
          "did you mean \"maxBundleAge\"? expected one of maxBundleAge, mode");
  REQUIRE(hint_for("frobnicate", {"mode"}) == "expected one of mode");
}
