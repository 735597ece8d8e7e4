// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/last_good.h"

#include "tests/support/catch.h"
#include "tests/support/tuf_repository.h"
#include "tests/trust/tuf/verdict.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

tuf::Outcome read(tuf::MetadataSource& server, Time now = kNow, const tuf::TrustedMetadata& memory = {}) {
  return tuf::update_at_last_good({kGun, {}, false}, memory, server, now, tuf::EndedCertificates::refused);
}

bool reads_role(const tuf::Outcome& outcome, const std::string& role) {
  return std::get<tuf::Repository>(outcome.result).roles().contains(role);
}

SimulatedDelegation delegation(const std::string& name) { return {name, {{SigningKey::ecdsa()}}}; }

}  // namespace

TEST_CASE("what has expired is read as it was when it was last good, whichever roles it is", "[trust]") {
  TufRepository server(kGun, kNow);
  server.timestamp.expires = kNow - kDay;
  server.publish();
  REQUIRE(word(tuf::update(tuf::notary(), {kGun, {}, false}, {}, server, kNow)) == "expired:timestamp");
  REQUIRE(word(read(server)) == "accepted");
  server.snapshot.expires = kNow - 5 * kDay;
  server.documents["targets"].expires = kNow - 3 * kDay;
  server.root_expires = kNow - 4 * kDay;
  server.publish();
  const tuf::Outcome outcome = read(server);
  REQUIRE(word(outcome) == "accepted");
  const auto& roles = std::get<tuf::Repository>(outcome.result).roles();
  REQUIRE(roles.at("targets").expires == kNow - 3 * kDay);
  REQUIRE(outcome.learned.files.at("targets") == server.files.at("targets.json"));
}

TEST_CASE("each file is fetched once, however often it is read", "[trust]") {
  TufRepository server(kGun, kNow);
  server.timestamp.expires = server.snapshot.expires = server.documents["targets"].expires = kNow - kDay;
  server.publish();
  server.asked.clear();
  REQUIRE(word(read(server)) == "accepted");
  REQUIRE(server.asked.size() == 4);
}

TEST_CASE("everything but the end is verified of what has expired", "[trust]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata remembered = read(server).learned;
  server.timestamp.expires = server.snapshot.expires = server.documents["targets"].expires = kNow - kDay;
  server.publish_next();
  const tuf::TrustedMetadata newer = read(server, kNow, remembered).learned;

  for (const std::string role : {"timestamp", "snapshot", "targets"}) {
    TufRepository forged = server;
    forged.signed_by[role] = {SigningKey::ecdsa()};
    forged.publish();
    REQUIRE(word(read(forged)) == "bad-signature:" + role);
  }
  TufRepository older = server;
  older.timestamp.version = 1;
  older.publish();
  REQUIRE(word(read(older, kNow, newer)) == "rollback:timestamp");
  TufRepository other(kGun, kNow);
  other.timestamp.expires = kNow - kDay;
  other.publish();
  REQUIRE(word(read(other, kNow, newer)) == "root-not-signed-by-trusted-root");
}

TEST_CASE("a root whose certificates have ended today is refused, though it was good when the rest was", "[trust]") {
  TufRepository server(kGun, kNow);
  server.rings["root"] = {{SigningKey::ecdsa().certified({kGun, kNow - 100 * kDay, kNow - kDay})}};
  server.timestamp.expires = kNow - 2 * kDay;
  server.publish();
  REQUIRE(word(read(server)) == "root-cert-expired");
  const auto read_ended = [](TufRepository& from) {
    return tuf::update_at_last_good({kGun, {}, false}, {}, from, kNow, tuf::EndedCertificates::read);
  };
  REQUIRE(word(read_ended(server)) == "accepted");
  // Everything else about it is verified as ever.
  server.signed_by["targets"] = {SigningKey::ecdsa()};
  server.publish();
  REQUIRE(word(read_ended(server)) == "bad-signature:targets");
}

TEST_CASE("a delegation that has expired is read too, and the ones that have not stay", "[trust]") {
  TufRepository server(kGun, kNow);
  server.documents["targets"].delegations = {delegation("targets/alice"), delegation("targets/bob")};
  server.documents["targets/alice"] = {1, kNow - 2 * kDay, {{"1", {"content of 1", {}}}}, {}};
  server.documents["targets/bob"] = {1, kNow + 9 * kDay, {}, {}};
  server.publish();
  const tuf::Outcome outcome = read(server);
  REQUIRE(reads_role(outcome, "targets/alice"));
  REQUIRE(reads_role(outcome, "targets/bob"));
  // Before the root was made nothing can be read: the rest is read without this one.
  server.documents["targets/alice"].expires = kNow - 1000 * kDay;
  server.documents["targets/bob"].expires = kNow - kDay;
  server.publish();
  const tuf::Outcome partly = read(server);
  REQUIRE(word(partly) == "accepted");
  REQUIRE_FALSE(reads_role(partly, "targets/alice"));
  REQUIRE(reads_role(partly, "targets/bob"));
}

TEST_CASE("a delegation that is badly signed stays passed over, whatever end it claims", "[trust]") {
  TufRepository server(kGun, kNow);
  server.documents["targets"].delegations = {delegation("targets/alice")};
  server.documents["targets/alice"] = {1, kNow - kDay, {}, {}};
  server.signed_by["targets/alice"] = {SigningKey::ecdsa()};
  server.publish();
  const tuf::Outcome outcome = read(server);
  REQUIRE(word(outcome) == "accepted");
  REQUIRE_FALSE(reads_role(outcome, "targets/alice"));
}
