// SPDX-License-Identifier: Apache-2.0
//
// Drafts that change who may sign: delegations, rotations, thresholds; and those that renew what has expired.
#include "tests/trust/tuf/draft_world.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;
using tuf::DelegationChange;
using tuf::Draft;

namespace {

DelegationChange with_keys(std::vector<tuf::ListedKey> keys) {
  DelegationChange change;
  change.added_keys = std::move(keys);
  change.added_paths = {""};
  return change;
}

DelegationChange without_key(const crypto::SecretKey& key) {
  DelegationChange change;
  change.removed_keys = {Publisher::id(key)};
  return change;
}

/// A repository in which alice signs targets/alice and targets/releases.
struct Delegated {
  Delegated() : alice(publisher.new_key()), shelf(publisher.published()) {
    Draft draft = open(shelf);
    for (const std::string role : {"targets/alice", "targets/releases"}) {
      draft.change_delegation(role, with_keys({Publisher::listed(alice)}));
      draft.set_target(role, "2", Publisher::target("content of 2"));
    }
    shelf.put(draft.sign(publisher.ring, kNow));
  }

  Publisher publisher;
  const crypto::SecretKey& alice;
  Shelf shelf;
};

std::vector<std::string> needed(const Draft& draft, const std::string& role) {
  std::vector<std::string> ids;
  for (const tuf::NeededKeys& need : draft.needed_keys()) {
    if (need.role == role) ids.insert(ids.end(), need.canonical_ids.begin(), need.canonical_ids.end());
  }
  return ids;
}

std::vector<std::string> undersigned(const Draft& draft) {
  std::vector<std::string> roles;
  for (const tuf::NeededKeys& need : draft.undersigned()) roles.push_back(need.role);
  return roles;
}

}  // namespace

TEST_CASE("a delegation is made, signs, and is believed", "[trust][tuf]") {
  Delegated world;
  const tuf::Outcome outcome = ask(world.shelf);
  REQUIRE(role_of(outcome, "2") == "targets/releases");
  REQUIRE(repository_of(outcome).delegations().at("targets/alice").key_ids ==
          std::vector<std::string>{Publisher::id(world.alice)});
  REQUIRE(world.shelf.version("targets/releases") == 1);
  // A signer needs no other key than his own, but for the listings.
  Draft draft = open(world.shelf);
  draft.set_target("targets/releases", "3", Publisher::target("content of 3"));
  REQUIRE(draft.needed_keys().front().role == "targets/releases");
  REQUIRE(needed(draft, "targets").empty());
  tuf::KeyRing ring;
  ring.add(world.alice);
  const auto documents = draft.sign(ring, kNow);
  REQUIRE(documents.size() == 1);
  REQUIRE(documents.count("targets/releases") == 1);
}

TEST_CASE("a delegation may be known by a certificate, have paths and a threshold", "[trust][tuf]") {
  Delegated world;
  const crypto::SecretKey& bob = world.publisher.new_key();
  Draft draft = open(world.shelf);
  DelegationChange change = with_keys({Publisher::certified(bob, "bob")});
  change.removed_paths = {""};
  change.added_paths = {"2", "release-"};
  change.threshold = 2;
  draft.change_delegation("targets/releases", change);
  REQUIRE(undersigned(draft) == std::vector<std::string>{"targets/releases"});
  draft.set_target("targets/releases", "other", Publisher::target("a"));
  REQUIRE(draft.undersigned().empty());
  world.shelf.put(draft.sign(world.publisher.ring, kNow));
  const tuf::Outcome outcome = ask(world.shelf);
  REQUIRE(role_of(outcome, "2") == "targets/releases");
  REQUIRE(role_of(outcome, "other") == "nowhere");
  REQUIRE(repository_of(outcome).roles().at("targets/releases").threshold == 2);
  const tuf::DelegatedRole& listed = repository_of(outcome).delegations().at("targets/releases");
  REQUIRE(listed.threshold == 2);
  REQUIRE(listed.paths == std::vector<std::string>{"2", "release-"});

  // One of two is not enough, and says who is missing.
  Draft next = open(world.shelf);
  next.renew("targets/releases");
  tuf::KeyRing ring;
  ring.add(world.alice);
  REQUIRE_FAULT(next.sign(ring, kNow), Fault::usage);
  REQUIRE(message_of([&] { static_cast<void>(next.sign(ring, kNow)); }).find(Publisher::id(bob)) != std::string::npos);
}

TEST_CASE("a signer's key is taken away, and his document waits for the others", "[trust][tuf]") {
  Delegated world;
  const crypto::SecretKey& bob = world.publisher.new_key();
  Draft draft = open(world.shelf);
  draft.change_delegation("targets/releases", with_keys({Publisher::listed(bob)}));
  draft.change_delegation("targets/releases", without_key(world.alice));
  REQUIRE(undersigned(draft) == std::vector<std::string>{"targets/releases"});
  REQUIRE(draft.undersigned().front().canonical_ids == std::vector<std::string>{Publisher::id(bob)});
  SECTION("unsigned it is passed over") {
    world.shelf.put(draft.sign(world.publisher.ring, kNow));
    REQUIRE(role_of(ask(world.shelf), "2") == "nowhere");
  }
  SECTION("renewed by those who are left it is believed") {
    draft.renew("targets/releases");
    world.shelf.put(draft.sign(world.publisher.ring, kNow));
    const tuf::Outcome outcome = ask(world.shelf);
    REQUIRE(role_of(outcome, "2") == "targets/releases");
    REQUIRE(repository_of(outcome).roles().at("targets/releases").version == 2);
  }
  // The key is still listed for targets/alice.
  REQUIRE(world.shelf.text("targets").find(Publisher::listed(world.alice).key.id) != std::string::npos);
}

TEST_CASE("delegations that could never sign are not written", "[trust][tuf]") {
  Delegated world;
  Draft draft = open(world.shelf);
  SECTION("all keys removed") { draft.change_delegation("targets/alice", without_key(world.alice)); }
  SECTION("a threshold above the keys") { draft.change_delegation("targets/alice", {{}, {}, {}, {}, 2}); }
  SECTION("no threshold") { draft.change_delegation("targets/alice", {{}, {}, {}, {}, 0}); }
  SECTION("made without a key") { draft.change_delegation("targets/bob", {}); }
  REQUIRE_FAULT(draft.sign(world.publisher.ring, kNow), Fault::usage);
}

TEST_CASE("roles that cannot be delegated to are refused", "[trust][tuf]") {
  Delegated world;
  Draft draft = open(world.shelf);
  const DelegationChange change = with_keys({Publisher::listed(world.alice)});
  for (const std::string role : {"targets", "root", "alice", "targets/Alice", "targets/", "targets/a b", "targets//a",
                                 "targets/nobody/a", "snapshot/a"}) {
    INFO(role);
    REQUIRE_FAULT(draft.change_delegation(role, change), Fault::usage);
  }
  for (const std::string role : {"root", "snapshot", "targets/nobody", "releases"}) {
    INFO(role);
    REQUIRE_FAULT(draft.set_target(role, "1", Publisher::target("a")), Fault::usage);
  }
  REQUIRE(draft.sign(world.publisher.ring, kNow).empty());
}

TEST_CASE("delegations go deeper, and go with what is above them", "[trust][tuf]") {
  Delegated world;
  Draft draft = open(world.shelf);
  draft.change_delegation("targets/releases/night", with_keys({Publisher::listed(world.alice)}));
  draft.set_target("targets/releases/night", "night", Publisher::target("a"));
  world.shelf.put(draft.sign(world.publisher.ring, kNow));
  REQUIRE(repository_of(ask(world.shelf)).roles().count("targets/releases/night") == 1);

  // A parent need not have signed anything before.
  Draft parent = open(world.shelf);
  parent.change_delegation("targets/bob", with_keys({Publisher::listed(world.alice)}));
  parent.change_delegation("targets/bob/night", with_keys({Publisher::listed(world.alice)}));
  REQUIRE(needed(parent, "targets/bob") == std::vector<std::string>{Publisher::id(world.alice)});
  world.shelf.put(parent.sign(world.publisher.ring, kNow));
  REQUIRE(repository_of(ask(world.shelf)).delegations().count("targets/bob/night") == 1);

  Draft next = open(world.shelf);
  next.set_target("targets/releases/night", "late", Publisher::target("a"));
  REQUIRE(next.remove_delegation("targets/releases"));
  REQUIRE_FALSE(next.remove_delegation("targets/releases"));
  REQUIRE_FAULT(next.set_target("targets/releases", "3", Publisher::target("a")), Fault::usage);
  const auto documents = next.sign(world.publisher.ring, kNow);
  REQUIRE(documents.count("targets/releases/night") == 0);
  const tuf::TrustedMetadata before = learned(ask(world.shelf));
  world.shelf.put(documents);
  const tuf::Outcome outcome = ask(world.shelf, before);
  REQUIRE(repository_of(outcome).delegations().count("targets/releases") == 0);
  REQUIRE(role_of(outcome, "2") == "nowhere");
}

TEST_CASE("a delegation that is made anew does not inherit what another signed", "[trust][tuf]") {
  Delegated world;
  const tuf::TrustedMetadata before = learned(ask(world.shelf));
  Draft removing = open(world.shelf);
  removing.remove_delegation("targets/releases");
  world.shelf.put(removing.sign(world.publisher.ring, kNow));
  const crypto::SecretKey& bob = world.publisher.new_key();
  Draft draft = open(world.shelf);
  draft.change_delegation("targets/releases", with_keys({Publisher::listed(bob)}));
  draft.set_target("targets/releases", "3", Publisher::target("content of 3"));
  world.shelf.put(draft.sign(world.publisher.ring, kNow));
  REQUIRE(world.shelf.version("targets/releases") == 2);
  const tuf::Outcome outcome = ask(world.shelf, before);
  REQUIRE(role_of(outcome, "2") == "nowhere");
  REQUIRE(role_of(outcome, "3") == "targets/releases");
}

TEST_CASE("a signed delegation whose document is not at hand is not begun anew by accident", "[trust][tuf]") {
  Delegated world;
  world.shelf.current.files.erase("targets/releases");
  Draft draft = open(world.shelf);
  REQUIRE(draft.is_out_of_reach("targets/releases"));
  REQUIRE_FALSE(draft.is_out_of_reach("targets/alice"));
  REQUIRE_FALSE(draft.is_out_of_reach("targets"));
  REQUIRE_FAULT(draft.set_target("targets/releases", "3", Publisher::target("a")), Fault::usage);
  REQUIRE_FAULT(draft.renew("targets/releases"), Fault::usage);
  world.shelf.current.versions["targets/releases"] = 1;
  Draft next = open(world.shelf);
  REQUIRE_FALSE(next.is_out_of_reach("targets/releases"));
  REQUIRE_FAULT(next.renew("targets/releases"), Fault::usage);  // it would be emptied
  next.set_target("targets/releases", "3", Publisher::target("a"));
  world.shelf.put(next.sign(world.publisher.ring, kNow));
  REQUIRE(world.shelf.version("targets/releases") == 2);
}

TEST_CASE("a new root is signed by the old keys and the new ones", "[trust][tuf]") {
  Publisher publisher;
  Shelf shelf = publisher.published();
  const tuf::TrustedMetadata before = learned(ask(shelf));
  const crypto::SecretKey& next_root = publisher.new_key();
  Draft draft = open(shelf);
  draft.rotate("root", {{Publisher::certified(next_root)}, 1});
  REQUIRE(needed(draft, "root") == std::vector<std::string>{Publisher::id(publisher.root), Publisher::id(next_root)});
  tuf::KeyRing only_new;
  only_new.add(next_root);
  REQUIRE_FAULT(draft.sign(only_new, kNow), Fault::usage);
  tuf::KeyRing only_old;
  only_old.add(publisher.root);
  REQUIRE_FAULT(draft.sign(only_old, kNow), Fault::usage);
  shelf.put(draft.sign(publisher.ring, kNow));
  REQUIRE(shelf.version("root") == 2);
  REQUIRE(shelf.document("root").object().at("signatures").array().size() == 2);
  REQUIRE(word(ask(shelf, before)) == "accepted");
  REQUIRE(word(ask(shelf)) == "accepted");
  // The next one needs the old key no more; who was away meanwhile walks over both.
  Draft again = open(shelf);
  again.renew("root");
  REQUIRE(needed(again, "root") == std::vector<std::string>{Publisher::id(next_root)});
  shelf.put(again.sign(publisher.ring, kNow));
  REQUIRE(word(ask(shelf, before)) == "accepted");
}

TEST_CASE("one root key under a new certificate", "[trust][tuf]") {
  Publisher publisher;
  Shelf shelf = publisher.published();
  const tuf::TrustedMetadata before = learned(ask(shelf));
  Draft draft = open(shelf);
  draft.rotate("root", {{Publisher::certified(publisher.root)}, 1});
  REQUIRE(needed(draft, "root") == std::vector<std::string>{Publisher::id(publisher.root)});
  shelf.put(draft.sign(publisher.ring, kNow));
  REQUIRE(shelf.document("root").object().at("signatures").array().size() == 2);
  REQUIRE(word(ask(shelf, before)) == "accepted");
  REQUIRE(word(ask(shelf)) == "accepted");
}

TEST_CASE("a root of several keys needs as many as its threshold says", "[trust][tuf]") {
  Publisher publisher;
  tuf::FirstKeys keys = publisher.first_keys();
  const crypto::SecretKey& second = publisher.new_key();
  const crypto::SecretKey& third = publisher.foreign_key();
  keys.root = {{Publisher::certified(publisher.root), Publisher::certified(second), Publisher::certified(third)}, 2};
  Draft draft = Draft::first(tuf::notary(), kGun, keys);
  Shelf shelf;
  shelf.put(draft.sign(publisher.ring, kNow));
  REQUIRE(repository_of(ask(shelf)).root_threshold() == 2);
  tuf::KeyRing one;
  one.add(second);
  one.add(publisher.targets);
  REQUIRE_FAULT(draft.sign(one, kNow), Fault::usage);
  // From two to one key: two must agree.
  Draft lower = open(shelf);
  lower.rotate("root", {{Publisher::certified(second)}, 1});
  REQUIRE_FAULT(lower.sign(one, kNow), Fault::usage);
  const tuf::TrustedMetadata before = learned(ask(shelf));
  shelf.put(lower.sign(publisher.ring, kNow));
  REQUIRE(word(ask(shelf, before)) == "accepted");
}

TEST_CASE("targets, snapshot and timestamp keys are rotated", "[trust][tuf]") {
  Delegated world;
  const tuf::TrustedMetadata before = learned(ask(world.shelf));
  const std::string role = GENERATE(std::string("targets"), std::string("snapshot"), std::string("timestamp"));
  const std::string former =
      role == "targets" ? Publisher::id(world.publisher.targets)
                        : Publisher::id(role == "snapshot" ? world.publisher.snapshot : world.publisher.timestamp);
  Draft draft = open(world.shelf);
  draft.rotate(role, {{Publisher::listed(world.publisher.new_key()), Publisher::listed(world.publisher.new_key())}, 2});
  world.shelf.put(draft.sign(world.publisher.ring, kNow));
  REQUIRE(world.shelf.version("root") == 2);
  REQUIRE(world.shelf.version(role) == 3);
  REQUIRE(world.shelf.text("root").find(former) == std::string::npos);
  for (const tuf::TrustedMetadata& memory : {before, tuf::TrustedMetadata{}}) {
    const tuf::Outcome outcome = ask(world.shelf, memory);
    REQUIRE(role_of(outcome, "1") == "targets");
    REQUIRE(role_of(outcome, "2") == "targets/releases");
    REQUIRE(repository_of(outcome).roles().at(role).threshold == 2);
  }
}

TEST_CASE("a rotation to the server's key leaves the document to the server", "[trust][tuf]") {
  Publisher publisher;
  Shelf shelf = publisher.published();
  Draft draft = open(shelf);
  draft.rotate("snapshot", {{Publisher::listed(publisher.foreign_key())}, 1});
  const auto documents = draft.sign(publisher.ring, kNow);
  REQUIRE(documents.size() == 1);
  REQUIRE(documents.count("root") == 1);
}

TEST_CASE("keys that do not stand in the root are not rotated", "[trust][tuf]") {
  Delegated world;
  Draft draft = open(world.shelf);
  REQUIRE_FAULT(draft.rotate("targets/alice", {{Publisher::listed(world.alice)}, 1}), Fault::usage);
  REQUIRE_FAULT(draft.rotate("root", {{Publisher::listed(world.alice)}, 1}), Fault::usage);
  REQUIRE_FAULT(draft.rotate("root", {{Publisher::certified(world.alice, "other")}, 1}), Fault::usage);
  REQUIRE_FAULT(draft.rotate("targets", {{Publisher::listed(world.alice)}, 2}), Fault::usage);
}

TEST_CASE("everything but the root has expired, and is renewed", "[trust][tuf]") {
  Delegated world;
  const tuf::TrustedMetadata before = learned(ask(world.shelf));
  const Time later = kNow + 4 * 365 * kDay;
  REQUIRE(word(ask(world.shelf, before, later)) == "expired:timestamp");
  Draft draft = open(world.shelf);
  for (const std::string role : {"targets", "targets/alice", "targets/releases"}) draft.renew(role);
  world.shelf.put(draft.sign(world.publisher.ring, later));
  const tuf::Outcome outcome = ask(world.shelf, before, later);
  REQUIRE(role_of(outcome, "2") == "targets/releases");
  REQUIRE(repository_of(outcome).roles().at("timestamp").expires == later + 14 * kDay);
  REQUIRE(repository_of(outcome).roles().at("root").version == 1);
}

TEST_CASE("a timestamp alone is renewed with its key alone", "[trust][tuf]") {
  Publisher publisher;
  Shelf shelf = publisher.published();
  const Time later = kNow + 20 * kDay;
  Draft draft = open(shelf);
  draft.renew("timestamp");
  REQUIRE(draft.needed_keys().size() == 1);
  REQUIRE_FALSE(draft.needed_keys().front().may_be_left);
  tuf::KeyRing ring;
  ring.add(publisher.targets);
  REQUIRE_FAULT(draft.sign(ring, later), Fault::usage);
  ring.add(publisher.timestamp);
  const auto documents = draft.sign(ring, later);
  REQUIRE(documents.size() == 1);
  shelf.put(documents);
  REQUIRE(shelf.version("timestamp") == 2);
  REQUIRE(word(ask(shelf, {}, later)) == "accepted");
}

TEST_CASE("what is needed is said before anything is signed", "[trust][tuf]") {
  Delegated world;
  Draft draft = open(world.shelf);
  draft.set_target("targets", "9", Publisher::target("a"));
  const auto needs = draft.needed_keys();
  REQUIRE(needs.size() == 3);
  REQUIRE(needs[0].role == "targets");
  REQUIRE(needs[0].canonical_ids == std::vector<std::string>{Publisher::id(world.publisher.targets)});
  REQUIRE(needs[0].threshold == 1);
  REQUIRE_FALSE(needs[0].may_be_left);
  REQUIRE(needs[1].role == "snapshot");
  REQUIRE(needs[1].may_be_left);
  REQUIRE(needs[2].role == "timestamp");
  REQUIRE(needs[2].may_be_left);
  draft.renew("snapshot");
  REQUIRE_FALSE(draft.needed_keys()[1].may_be_left);
}

TEST_CASE("a draft tells who signs a role, and knows of no others", "[trust][tuf]") {
  Delegated world;
  Draft draft = open(world.shelf);
  REQUIRE(draft.signers("targets/alice").canonical_ids == std::vector<std::string>{Publisher::id(world.alice)});
  REQUIRE(draft.signers("targets/alice").threshold == 1);
  const crypto::SecretKey& next = world.publisher.new_key();
  draft.rotate("targets", {{Publisher::listed(next)}, 1});
  REQUIRE(draft.signers("targets").canonical_ids == std::vector<std::string>{Publisher::id(next)});
  for (const std::string role : {"targets/bob", "targets/alice/below", "nobody/below", "nobody", ""}) {
    REQUIRE_FAULT(draft.signers(role), Fault::usage);
  }
}
