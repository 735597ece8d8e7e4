// SPDX-License-Identifier: Apache-2.0
//
// Documents of delegations that nobody signed who may sign them now.
#include "tests/trust/tuf/verdict.h"

using namespace hallmark;
using namespace hallmark::test;

TEST_CASE("what none of a delegation's keys signed is told by the version that it claims", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.documents["targets/releases"] = {7, kNow + 100 * kDay, {{"2", {"content of 2", {}}}}, {}};
  server.documents["targets"].delegations.push_back({"targets/releases", {{SigningKey::ecdsa()}}, {""}});
  using Abandoned = std::map<std::string, std::int64_t>;
  Abandoned expected;
  SECTION("signed by another key") {
    server.signed_by["targets/releases"] = {SigningKey::ecdsa()};
    expected = {{"targets/releases", 7}};
  }
  SECTION("signed by all") {}
  SECTION("signed by some") { server.documents["targets"].delegations[0].ring.threshold = 2; }
  SECTION("an absurd version") {
    server.signed_by["targets/releases"] = {SigningKey::ecdsa()};
    server.documents["targets/releases"].version = (std::int64_t{1} << 31U) + 1;
  }
  SECTION("no version") {
    server.signed_by["targets/releases"] = {SigningKey::ecdsa()};
    server.before_signing["targets/releases"] = replace(R"("version":7)", R"("version":"7")");
  }
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(outcome.abandoned == expected);
  // It is a claim, and is not remembered as seen.
  if (!expected.empty()) REQUIRE(outcome.learned.versions.count("targets/releases") == 0);
}
