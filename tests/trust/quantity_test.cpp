// SPDX-License-Identifier: Apache-2.0
#include "trust/quantity.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("sizes are written with a unit", "[trust]") {
  CHECK(parse_bytes("0B") == 0);
  CHECK(parse_bytes("3KiB") == 3072);
  CHECK(parse_bytes("2GiB") == std::uint64_t{2} << 30U);
  CHECK(parse_bytes("1TiB") == std::uint64_t{1} << 40U);
  const std::string text = GENERATE(as<std::string>{}, "", "1", "GiB", "1GB", "1 GiB", "-1B", "+1B", "1.5GiB", "0x1B",
                                    "99999999TiB", "18446744073709551616B", "1GiBx");
  INFO(text);
  REQUIRE_FAULT(parse_bytes(text), Fault::usage);
}

TEST_CASE("spans of time are written as in ISO 8601, without months and years", "[trust]") {
  using namespace std::chrono_literals;
  CHECK(parse_duration("P180D") == 180 * 24h);
  CHECK(parse_duration("PT5M") == 5min);
  CHECK(parse_duration("P1DT2H3M4S") == 26h + 3min + 4s);
  CHECK(parse_duration("P2W") == 14 * 24h);
  CHECK(parse_duration("PT0S") == 0s);
  const std::string text = GENERATE(as<std::string>{}, "", "P", "PT", "180D", "P1Y", "P1M", "P1DT", "P1D1D", "PT1M1H",
                                    "P-1D", "P1.5D", "P1W1D", "P1D2", "p1d", "P100000D", "P99999999999999999999D",
                                    "PT1D", "P1H", "P1", "1D", "PTT1H", "P1D ", "PT1W");
  INFO(text);
  REQUIRE_FAULT(parse_duration(text), Fault::usage);
}

TEST_CASE("times have one spelling, and every other is answered with an example", "[trust]") {
  REQUIRE(to_text(parse_plain_time("2027-06-30T00:00:00Z")) == "2027-06-30T00:00:00Z");
  for (const char* text :
       {"2027-06-30", "", "2027-02-30T00:00:00Z", "2027-06-30T00:00:00+00:00", "2027-06-30T00:00:00.0Z"}) {
    REQUIRE_FAULT(parse_plain_time(text), Fault::usage);
    REQUIRE(
        test::message_of([&] { parse_plain_time(text); }).starts_with("a time is written like 2027-06-30T00:00:00Z"));
  }
}
