// SPDX-License-Identifier: Apache-2.0
#include "trust/time.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("times are read with offsets and fractions", "[trust]") {
  REQUIRE(to_text(parse_time("2026-12-07T05:23:25.078368026Z")) == "2026-12-07T05:23:25Z");
  REQUIRE(parse_time("2026-01-01T05:45:00+05:45") == parse_time("2026-01-01T00:00:00Z"));
  REQUIRE(parse_time("2025-12-31T20:30:00-03:30") == parse_time("2026-01-01T00:00:00Z"));
  REQUIRE(parse_time("2026-01-01T00:00:00.5Z") > parse_time("2026-01-01T00:00:00Z"));
  REQUIRE(to_text(parse_time("9999-12-31T23:59:59Z")) == "9999-12-31T23:59:59Z");
  REQUIRE(to_text(parse_time("0001-01-01T00:00:00Z")) == "0001-01-01T00:00:00Z");
}

TEST_CASE("what is no time is refused", "[trust]") {
  for (const char* text :
       {"", "2026-12-07", "2026-12-07T05:23:25", "2026-13-07T05:23:25Z", "2026-02-30T05:23:25Z", "2026-12-07T24:00:00Z",
        "2026-12-07T05:23:60Z", "2026-12-07T05:23:25.Z", "2026-12-07 05:23:25Z", "2026-12-07T05:23:25.0000000001Z",
        "2026-12-07T05:23:25Zx", "2026-12-07T05:23:25+5:45", "+026-12-07T05:23:25Z", "2026-12-07T05:23:25+24:00",
        "2026-12-07t05:23:25z"}) {
    INFO(text);
    REQUIRE_FAULT(parse_time(text), Fault::corrupt);
  }
}
