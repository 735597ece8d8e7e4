// SPDX-License-Identifier: Apache-2.0
#include "tests/trust/tuf/verdict.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

const std::vector<std::string> kDocker{"targets/releases", "targets"};

/// A repository whose top role delegates to targets/releases, which signed the tag "2".
class Delegating : public TufRepository {
 public:
  Delegating() : TufRepository(kGun, kNow) {
    add("targets/releases", {""}, {{"2", {"content of 2", {}}}});
    publish();
  }

  SimulatedDelegation& add(const std::string& role, std::vector<std::string> paths,
                           std::map<std::string, SimulatedTarget> targets) {
    const std::string parent = role.substr(0, role.rfind('/'));
    documents[role] = {1, kNow + 100 * kDay, std::move(targets), {}};
    documents[parent].delegations.push_back({role, {{SigningKey::ecdsa()}}, std::move(paths)});
    return documents[parent].delegations.back();
  }
};

std::string delegated_role_of(const tuf::Outcome& outcome, const std::string& tag) {
  const tuf::Lookup lookup = repository_of(outcome).find(tag, kDocker);
  if (lookup.target) return lookup.target->role;
  return lookup.elsewhere.empty() ? "nowhere" : "elsewhere: " + lookup.elsewhere;
}

}  // namespace

TEST_CASE("a delegation is verified with the keys that its parent lists", "[trust][tuf]") {
  Delegating server;
  const tuf::Outcome outcome = ask(server);
  const std::string id = server.documents["targets"].delegations[0].ring.keys[0].id();
  REQUIRE(delegated_role_of(outcome, "2") == "targets/releases");
  REQUIRE(repository_of(outcome).roles().at("targets/releases").key_ids == std::vector<std::string>{id});
  REQUIRE(repository_of(outcome).delegations().at("targets/releases").key_ids == std::vector<std::string>{id});
  REQUIRE(outcome.learned.delegations == std::set<std::string>{"targets/releases"});
  REQUIRE(outcome.learned.versions.at("targets/releases") == 1);
  REQUIRE(outcome.learned.files.at("targets/releases") == server.files.at("targets/releases.json"));
}

TEST_CASE("people know a signer's certificate by the id of its bare key", "[trust][tuf]") {
  Delegating server;
  const SigningKey key = SigningKey::ecdsa();
  const SigningKey certified = key.certified({"anybody", kNow - 9 * kDay, kNow - 8 * kDay});
  server.documents["targets"].delegations[0].ring = {{certified}};
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(repository_of(outcome).delegations().at("targets/releases").key_ids == std::vector<std::string>{key.id()});
  REQUIRE(repository_of(outcome).roles().at("targets/releases").key_ids == std::vector<std::string>{certified.id()});
}

TEST_CASE("a delegation that is not good is passed over with a warning and the rest goes on", "[trust][tuf]") {
  Delegating server;
  SECTION("not signed by its keys") { server.signed_by["targets/releases"] = {SigningKey::ecdsa()}; }
  SECTION("not signed at all") { server.signed_by["targets/releases"] = {}; }
  SECTION("signed by too few") { server.documents["targets"].delegations[0].ring.threshold = 2; }
  SECTION("expired") { server.documents["targets/releases"].expires = kNow - std::chrono::seconds(1); }
  SECTION("without keys, and then nobody asks for its file") {
    server.documents["targets"].delegations[0].ring.keys.clear();
    server.answers["targets/releases"] = missing();
  }
  SECTION("without keys, as null") {
    server.documents["targets"].delegations[0].ring.keys.clear();
    server.before_signing["targets"] = replace(R"("keyids":[])", R"("keyids":null)");
  }
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(delegated_role_of(outcome, "2") == "nowhere");
  REQUIRE(delegated_role_of(outcome, "1") == "targets");
  REQUIRE(has_warning(outcome, "targets/releases is passed over"));
  REQUIRE(repository_of(outcome).roles().count("targets/releases") == 0);
  REQUIRE(repository_of(outcome).delegations().count("targets/releases") == 1);
  REQUIRE(outcome.learned.files.count("targets/releases") == 0);
  REQUIRE(outcome.learned.delegations.count("targets/releases") == 1);
}

TEST_CASE("a badly signed file does not push away what the same keys said before", "[trust][tuf]") {
  Delegating server;
  const tuf::Outcome before = ask(server);
  server.signed_by["targets/releases"] = {SigningKey::ecdsa()};
  server.publish_next();
  REQUIRE(word(ask(server, before.learned)) == "bad-signature:targets/releases");
  // Without a memory there is nothing to hold against it.
  REQUIRE(delegated_role_of(ask(server), "2") == "nowhere");
}

TEST_CASE("a delegation whose signer was replaced is passed over until the new one signs", "[trust][tuf]") {
  Delegating server;
  const tuf::Outcome before = ask(server);
  server.signed_by["targets/releases"] = server.documents["targets"].delegations[0].ring.keys;
  server.documents["targets"].delegations[0].ring.keys = {SigningKey::ecdsa()};
  server.publish_next();
  const tuf::Outcome outcome = ask(server, before.learned);
  REQUIRE(has_warning(outcome, "targets/releases is passed over"));
  REQUIRE(delegated_role_of(outcome, "1") == "targets");
}

TEST_CASE("a delegation whose file is not the listed one fails the whole update", "[trust][tuf]") {
  Delegating server;
  server.answers["targets/releases"] = missing();
  REQUIRE(word(ask(server)) == "missing:targets/releases");
  server.answers["targets/releases"] = unreachable();
  REQUIRE(word(ask(server)) == "unreachable");
  server.answers["targets/releases"] = rejected();
  REQUIRE(word(ask(server)) == "rejected:targets/releases");
  Bytes file = server.files.at("targets/releases.json");
  file[10] ^= 1U;
  server.answers["targets/releases"] = {tuf::MetadataReply::Kind::found, file, Fault::unavailable, {}};
  REQUIRE(word(ask(server)) == "hash-mismatch:targets/releases");
}

TEST_CASE("a delegation that cannot be read fails the whole update", "[trust][tuf]") {
  Delegating server;
  server.before_signing["targets/releases"] = replace(R"("_type":"Targets")", R"("_type":"Snapshot")");
  server.publish();
  REQUIRE(word(ask(server)) == "malformed:targets/releases");
  server.before_signing["targets/releases"] =
      replace(R"("roles":[])", R"("roles":[{"keyids":[],"name":"targets/x","threshold":1}])");
  server.publish();
  REQUIRE(word(ask(server)) == "malformed:targets/releases");
}

TEST_CASE("a delegation never goes back to a lower version", "[trust][tuf]") {
  Delegating server;
  server.documents["targets/releases"].version = 5;
  server.publish();
  const bool as_docker = GENERATE(false, true);
  const tuf::TrustedMetadata memory = as_docker ? server.docker_cache() : learned(ask(server));
  server.documents["targets/releases"].version = 4;
  server.publish();
  REQUIRE(word(ask(server, memory)) == "rollback:targets/releases");
  SECTION("not even when it has expired too") {
    server.documents["targets/releases"].expires = kNow - kDay;
    server.publish();
    REQUIRE(word(ask(server, memory)) == "rollback:targets/releases");
  }
  SECTION("not even after it was away") {
    server.documents["targets/releases"].expires = kNow - kDay;
    server.documents["targets/releases"].version = 5;
    server.publish();
    const tuf::TrustedMetadata later = learned(ask(server, memory));
    server.documents["targets/releases"] = {4, kNow + kDay, {}, {}};
    server.publish();
    REQUIRE(word(ask(server, later)) == "rollback:targets/releases");
  }
}

TEST_CASE("a delegation that never signed is passed over", "[trust][tuf]") {
  Delegating server;
  server.unlisted["targets/releases"] = true;
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(delegated_role_of(outcome, "1") == "targets");
  REQUIRE(has_warning(outcome, "targets/releases has signed nothing yet"));
}

TEST_CASE("a snapshot may not lose a delegation that is still delegated to", "[trust][tuf]") {
  Delegating server;
  server.add("targets/alice", {""}, {});
  server.publish();
  tuf::TrustedMetadata memory;
  SECTION("as remembered") {
    memory.delegations = learned(ask(server)).delegations;
    memory.versions = {{"snapshot", 1}};
  }
  SECTION("as in the snapshot of a docker cache") { memory = server.docker_cache(); }
  server.unlisted["targets/releases"] = true;
  server.snapshot.version = server.timestamp.version = 2;
  server.publish();
  REQUIRE(word(ask(server, memory)) == "snapshot-dropped-role:targets/releases");
  server.documents["targets"].delegations.erase(server.documents["targets"].delegations.begin());
  server.publish_next();
  const tuf::Outcome outcome = ask(server, memory);
  REQUIRE(word(outcome) == "accepted");
  REQUIRE(outcome.learned.delegations == std::set<std::string>{"targets/alice"});
}

TEST_CASE("a lost delegation stays lost on the next run", "[trust][tuf]") {
  Delegating server;
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.documents["targets/releases"].expires = kNow - kDay;
  server.publish_next();
  const tuf::TrustedMetadata next = learned(ask(server, memory));
  server.unlisted["targets/releases"] = true;
  server.publish_next();
  REQUIRE(word(ask(server, next)) == "snapshot-dropped-role:targets/releases");
}

TEST_CASE("a deleted delegation that the snapshot still lists is not looked at", "[trust][tuf]") {
  Delegating server;
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.documents["targets"].delegations.clear();
  server.publish_next();
  server.asked.clear();
  const tuf::Outcome outcome = ask(server, memory);
  REQUIRE(delegated_role_of(outcome, "2") == "nowhere");
  REQUIRE(outcome.learned.versions.at("targets/releases") == 1);
  for (const std::string& file : server.asked) REQUIRE_FALSE(file.starts_with("targets/"));
}

TEST_CASE("a parent that is passed over takes its children along", "[trust][tuf]") {
  Delegating server;
  server.add("targets/releases/inner", {""}, {{"3", {"content of 3", {}}}});
  server.publish();
  REQUIRE(repository_of(ask(server)).roles().count("targets/releases/inner") == 1);
  server.documents["targets/releases"].expires = kNow - kDay;
  server.publish();
  REQUIRE(repository_of(ask(server)).roles().count("targets/releases/inner") == 0);
}

TEST_CASE("a child whose parent was passed over is not forgotten", "[trust][tuf]") {
  Delegating server;
  server.add("targets/releases/inner", {""}, {{"3", {"content of 3", {}}}});
  server.publish();
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.documents["targets/releases"].expires = kNow - kDay;
  server.publish_next();
  const tuf::TrustedMetadata next = learned(ask(server, memory));
  server.documents["targets/releases"].expires = kNow + kDay;
  server.unlisted["targets/releases/inner"] = true;
  server.publish_next();
  REQUIRE(word(ask(server, next)) == "snapshot-dropped-role:targets/releases/inner");
}

TEST_CASE("nor is one that is hidden while its parent is passed over", "[trust][tuf]") {
  Delegating server;
  server.add("targets/releases/inner", {""}, {{"3", {"content of 3", {}}}});
  server.publish();
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.documents["targets/releases"].expires = kNow - kDay;
  server.unlisted["targets/releases/inner"] = true;
  server.publish_next();
  const tuf::TrustedMetadata next = learned(ask(server, memory));
  REQUIRE(next.files.at("targets/releases/inner") == memory.files.at("targets/releases/inner"));
  server.documents["targets/releases"].expires = kNow + kDay;
  server.publish_next();
  REQUIRE(word(ask(server, next)) == "snapshot-dropped-role:targets/releases/inner");
}

TEST_CASE("delegations are taken parents first", "[trust][tuf]") {
  Delegating server;
  server.add("targets/alice", {""}, {});
  server.add("targets/releases/b", {""}, {});
  server.add("targets/releases/a", {""}, {});
  server.publish();
  server.asked.clear();
  REQUIRE(word(ask(server)) == "accepted");
  std::vector<std::string> order;
  for (const std::string& file : server.asked) {
    if (file.starts_with("targets/")) order.push_back(file.substr(0, file.find('.')));
  }
  REQUIRE(order ==
          std::vector<std::string>{"targets/releases", "targets/releases/b", "targets/releases/a", "targets/alice"});
}

TEST_CASE("there is an end to delegations", "[trust][tuf]") {
  Delegating server;
  const SigningKey key = SigningKey::ed25519();
  std::string role = "targets/releases";
  for (int i = 1; i < 64; ++i) {
    role += "/x";
    server.add(role, {""}, {}).ring = {{key}};
  }
  server.publish();
  REQUIRE(repository_of(ask(server)).roles().size() == 4 + 64);
  server.add("targets/one-more", {""}, {}).ring = {{key}};
  server.publish();
  REQUIRE(word(ask(server)) == "too-many-delegations");
}

TEST_CASE("a delegation may only name what its paths admit", "[trust][tuf]") {
  Delegating server;
  server.documents["targets"].delegations[0].paths = {"1.", "lts"};
  server.documents["targets/releases"].targets = {
      {"1.0", {"a", {}}}, {"lts-2", {"b", {}}}, {"1", {"c", {}}}, {"2.0", {"d", {}}}};
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(delegated_role_of(outcome, "1.0") == "targets/releases");
  REQUIRE(delegated_role_of(outcome, "lts-2") == "targets/releases");
  REQUIRE(delegated_role_of(outcome, "1") == "targets");
  REQUIRE(delegated_role_of(outcome, "2.0") == "nowhere");
  REQUIRE(repository_of(outcome).list({"targets/releases"}).size() == 2);
  REQUIRE(repository_of(outcome).all().size() == 3);
}

TEST_CASE("a delegation without paths may name nothing", "[trust][tuf]") {
  Delegating server;
  server.documents["targets"].delegations[0].paths = {};
  server.publish();
  REQUIRE(delegated_role_of(ask(server), "2") == "nowhere");
  server.before_signing["targets"] = replace(R"("paths":[],)", "");
  server.publish();
  REQUIRE(delegated_role_of(ask(server), "2") == "nowhere");
}

TEST_CASE("a child's paths are those within its parent's", "[trust][tuf]") {
  Delegating server;
  server.documents["targets"].delegations[0].paths = {"1."};
  server.add("targets/releases/inner", {"1.2", "", "2"}, {{"1.2.3", {"a", {}}}, {"1.3", {"b", {}}}, {"2", {"c", {}}}});
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(repository_of(outcome).list({"targets/releases/inner"}).size() == 1);
  REQUIRE(delegated_role_of(outcome, "1.2.3") == "elsewhere: targets/releases/inner");
  REQUIRE(delegated_role_of(outcome, "1.3") == "nowhere");
  REQUIRE(delegated_role_of(outcome, "2") == "nowhere");
}

TEST_CASE("releases comes before targets, and a hit in another role does not count", "[trust][tuf]") {
  Delegating server;
  server.documents["targets"].targets = {{"both", {"from targets", {}}}, {"inner", {"from targets", {}}}};
  server.documents["targets/releases"].targets = {{"both", {"from releases", {}}}};
  server.add("targets/releases/sub", {""}, {{"inner", {"a", {}}}, {"both", {"b", {}}}});
  server.add("targets/alice", {""}, {{"only", {"c", {}}}, {"both", {"d", {}}}});
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(delegated_role_of(outcome, "both") == "targets/releases");
  REQUIRE(repository_of(outcome).find("both", kDocker).target->length == 13);
  REQUIRE(delegated_role_of(outcome, "only") == "elsewhere: targets/alice");
  REQUIRE(delegated_role_of(outcome, "nosuch") == "nowhere");
  // The first hit ends the search, also when its role does not count.
  REQUIRE(delegated_role_of(outcome, "inner") == "elsewhere: targets/releases/sub");
  REQUIRE(repository_of(outcome).find("inner", {"targets"}).target->role == "targets");
  REQUIRE(repository_of(outcome).find("only", {"targets/alice"}).target->role == "targets/alice");
  REQUIRE_FALSE(repository_of(outcome).find("only", {"targets/nobody"}).target);
  REQUIRE_FALSE(repository_of(outcome).find("both", {}).target);
}

TEST_CASE("below targets the search goes breadth first and not through releases again", "[trust][tuf]") {
  Delegating server;
  server.documents["targets"].delegations[0].paths = {"r"};
  server.add("targets/releases/sub", {"r"}, {{"r1", {"a", {}}}});
  server.add("targets/alice", {""}, {});
  server.add("targets/alice/deep", {""}, {{"t", {"b", {}}}});
  server.add("targets/bob", {""}, {{"t", {"c", {}}}});
  server.publish();
  REQUIRE(delegated_role_of(ask(server), "t") == "elsewhere: targets/bob");
  const tuf::Outcome outcome = ask(server);
  REQUIRE(repository_of(outcome).find("r1", kDocker).elsewhere == "targets/releases/sub");
  REQUIRE(repository_of(outcome).find("r1", {"targets", "targets/releases"}).elsewhere == "targets/releases/sub");
}

TEST_CASE("a role that is asked by itself is not searched for another one", "[trust][tuf]") {
  Delegating server;
  server.documents["targets/releases"].targets = {{"both", {"a", {}}}, {"mine", {"b", {}}}};
  server.add("targets/bob", {""}, {{"both", {"c", {}}}});
  server.publish();
  const tuf::Outcome outcome = ask(server);
  const std::vector<std::string> top_first{"targets", "targets/releases"};
  REQUIRE(repository_of(outcome).find("both", top_first).elsewhere == "targets/bob");
  REQUIRE(repository_of(outcome).find("mine", top_first).target->role == "targets/releases");
}

TEST_CASE("a role that is not there has no targets", "[trust][tuf]") {
  Delegating server;
  server.documents["targets/releases"].expires = kNow - kDay;
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(repository_of(outcome).list({"targets/releases", "targets/nobody"}).empty());
  REQUIRE(repository_of(outcome).list(kDocker).size() == 1);
}

TEST_CASE("a list names each tag once, by the first role that has it", "[trust][tuf]") {
  Delegating server;
  server.documents["targets"].targets = {{"both", {"from targets", {}}}, {"old", {"old one", {}}}};
  server.documents["targets/releases"].targets = {{"both", {"from releases", {}}}, {"new", {"new one", {}}}};
  server.add("targets/alice", {""}, {{"only", {"c", {}}}});
  server.publish();
  const tuf::Outcome outcome = ask(server);
  std::string text;
  for (const tuf::Target& target : repository_of(outcome).list(kDocker)) text += target.name + "=" + target.role + " ";
  REQUIRE(text == "both=targets/releases new=targets/releases old=targets ");
  REQUIRE(repository_of(outcome).all().size() == 5);
}

TEST_CASE("a target has its digest, its size and its other digests", "[trust][tuf]") {
  Delegating server;
  const Bytes content = bytes_of("content of 1");
  const Digest sha512 = Digest::of(content, Algorithm::sha512);
  const std::string both = R"({"sha256":")" + base64_of(parse_hex(Digest::of(content).hex())) + R"(","sha512":")" +
                           base64_of(parse_hex(sha512.hex())) + R"("})";
  server.documents["targets"].targets["1"] = {"content of 1", both};
  server.documents["targets"].targets["512"] = {"content of 1",
                                                R"({"sha512":")" + base64_of(parse_hex(sha512.hex())) + R"("})"};
  server.publish();
  const tuf::Outcome outcome = ask(server);
  const tuf::Target target = *repository_of(outcome).find("1", kDocker).target;
  REQUIRE(target.name == "1");
  REQUIRE(target.digest == Digest::of(content));
  REQUIRE(target.length == 12);
  REQUIRE(target.other_digests == std::vector<Digest>{sha512});
  REQUIRE_FALSE(repository_of(outcome).find("512", kDocker).target->digest);
  REQUIRE(repository_of(outcome).find("512", kDocker).target->other_digests.size() == 1);
}
