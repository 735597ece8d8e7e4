// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/natural_order.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("versions sort as people count", "[cmd]") {
  REQUIRE(cmd::natural_less("v2", "v10"));
  REQUIRE_FALSE(cmd::natural_less("v10", "v2"));
  REQUIRE(cmd::natural_less("1.9", "1.10"));
  REQUIRE(cmd::natural_less("a", "ab"));
  REQUIRE(cmd::natural_less("1", "01"));
  REQUIRE_FALSE(cmd::natural_less("x", "x"));
}
