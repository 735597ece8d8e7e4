// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/batch.h"

#include <sstream>

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("one status speaks for several failures", "[cmd]") {
  const auto status = [](const std::vector<Fault>& faults, bool one_done) {
    std::ostringstream err;
    cmd::Batch batch(err);
    if (one_done) batch.attempt([] {});
    for (const Fault fault : faults) batch.attempt([&] { fail(fault, "x"); });
    return batch.status();
  };
  REQUIRE(status({}, true) == 0);
  REQUIRE(status({Fault::missing, Fault::missing}, true) == 5);
  REQUIRE(status({Fault::missing, Fault::unavailable}, false) == 8);
  REQUIRE(status({Fault::missing, Fault::refused, Fault::corrupt}, false) == 3);
  REQUIRE(status({Fault::missing, Fault::corrupt}, false) == 4);
}

TEST_CASE("an interruption is not swallowed", "[cmd]") {
  std::ostringstream err;
  cmd::Batch batch(err);
  REQUIRE_FAULT(batch.attempt([] { fail(Fault::interrupted, "x"); }), Fault::interrupted);
}
