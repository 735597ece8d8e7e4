// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "cmd/cli/batch.h"
#include "cmd/cli/help.h"
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

TEST_CASE("a mistyped command is recognised, a strange one is not", "[cmd]") {
  REQUIRE(cmd::suggestion("pul", {"push", "pull"}) == "pull");
  REQUIRE(cmd::suggestion("imgaes", {"images", "inspect"}) == "images");
  REQUIRE(cmd::suggestion("frobnicate", {"images", "pull"}).empty());
}

TEST_CASE("one status speaks for several failures", "[cmd]") {
  const auto status = [](const std::vector<Fault>& faults, bool one_done) {
    std::ostringstream err;
    cmd::Several several(err);
    if (one_done) several.attempt([] {});
    for (const Fault fault : faults) several.attempt([&] { fail(fault, "x"); });
    return several.status();
  };
  REQUIRE(status({}, true) == 0);
  REQUIRE(status({Fault::missing, Fault::missing}, true) == 5);
  REQUIRE(status({Fault::missing, Fault::unavailable}, false) == 8);
  REQUIRE(status({Fault::missing, Fault::refused, Fault::corrupt}, false) == 3);
  REQUIRE(status({Fault::missing, Fault::corrupt}, false) == 4);
}

TEST_CASE("an interruption is not swallowed", "[cmd]") {
  std::ostringstream err;
  cmd::Several several(err);
  REQUIRE_FAULT(several.attempt([] { fail(Fault::interrupted, "x"); }), Fault::interrupted);
}
