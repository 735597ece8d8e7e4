// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/trust/role_ends.h"

#include "tests/support/catch.h"
#include "tests/support/tuf_repository.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

const Time kNow = parse_time("2026-11-24T00:00:00Z");
constexpr std::chrono::hours kDay(24);
const std::string kGun = "registry.example/lib/app";

}  // namespace

TEST_CASE("days are whole, and the last one is none", "[cmd]") {
  using namespace std::chrono_literals;
  REQUIRE(cmd::days_left(kNow + kDay, kNow) == 1);
  REQUIRE(cmd::days_left(kNow + kDay - 1s, kNow) == 0);
  REQUIRE(cmd::days_left(kNow - 1s, kNow) == -1);
  REQUIRE(cmd::ends_within(kNow - 1s, kNow, std::chrono::days(0)));
  REQUIRE_FALSE(cmd::ends_within(kNow + 1s, kNow, std::chrono::days(0)));
  REQUIRE(cmd::ends_within(kNow + kDay, kNow, std::chrono::days(1)));
  REQUIRE_FALSE(cmd::ends_within(kNow + kDay + 1s, kNow, std::chrono::days(1)));
  REQUIRE(cmd::end_text(kNow + kDay, kNow) == "expires at 2026-11-25T00:00:00Z, in 1 day");
  REQUIRE(cmd::end_text(kNow - kDay, kNow) == "has expired at 2026-11-23T00:00:00Z");
}

TEST_CASE("certificates of a root end when fewer than the threshold are valid", "[cmd]") {
  TufRepository server(kGun, kNow);
  const auto key = [](int days) { return SigningKey::ecdsa().certified({kGun, kNow - kDay, kNow + days * kDay}); };
  const auto end = [&](std::int64_t threshold) {
    server.rings["root"] = {{key(30), key(10), key(20)}, threshold};
    server.publish();
    return cmd::root_certificates_end(tuf::update(tuf::notary(), {kGun, {}, false}, {}, server, kNow).learned, kGun);
  };
  REQUIRE(end(1) == kNow + 30 * kDay);
  REQUIRE(end(2) == kNow + 20 * kDay);
  REQUIRE(end(3) == kNow + 10 * kDay);
}
