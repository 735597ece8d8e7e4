// SPDX-License-Identifier: Apache-2.0
#include "tests/policy/trusted.h"
#include "tests/support/catch.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;
using policy::Decision;
using policy::Gate;
using policy::Result;

TEST_CASE("a tag that a pinned publisher signed passes", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Decision decision = ask(pinned_gate(server), server, signed_subject(server));
  REQUIRE(decision.approval);
  REQUIRE(decision.publisher_verified);
  const policy::Finding& finding = decision.findings.at(0);
  REQUIRE(finding.word == "tuf: targets");
  REQUIRE_THAT(finding.detail, Catch::Matchers::StartsWith("targets v1, expires "));
  REQUIRE(holds(finding.detail, "root key " + server.rings.at("root").keys.at(0).id().substr(0, 12)));
}

TEST_CASE("content trust passes what is signed, on first use too", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Decision decision = ask(Gate(std::nullopt, true), server, signed_subject(server));
  REQUIRE(decision.approval);
  REQUIRE(decision.publisher_verified);
  REQUIRE(holds(decision.findings.at(0).detail, "first use of root key"));
}

TEST_CASE("other bytes than the signed ones are refused with both digests", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Decision decision = ask(pinned_gate(server), server, subject(kGun + ":1", "other"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_DIGEST");
  const std::string& detail = decision.findings.at(0).detail;
  REQUIRE(holds(detail, "is " + digest_of(content_of(server)).to_string()));
  REQUIRE_THAT(detail, Catch::Matchers::EndsWith("found " + digest_of("other").to_string()));
}

TEST_CASE("a wrong size is refused though the digest fits", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  Subject about = signed_subject(server);
  ++about.size;
  const Decision decision = ask(pinned_gate(server), server, about);
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_LENGTH");
}

TEST_CASE("a tag that nobody signed is refused in docker's words", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Decision decision = ask(pinned_gate(server), server, signed_subject(server, kGun + ":2"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_NO_TARGET");
  REQUIRE_THAT(decision.findings.at(0).detail, Catch::Matchers::StartsWith("No valid trust data for 2"));
}

TEST_CASE("a tag that only a role that does not count signed is refused", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  server.documents.at("targets").targets.clear();
  server.documents.at("targets").delegations.push_back({"targets/alice", {{test::SigningKey::ecdsa()}, 1}});
  server.documents["targets/alice"] = {1, noon() + std::chrono::hours(48), {{"1", {"hello", ""}}}, {}};
  server.publish();
  const Decision decision = ask(pinned_gate(server), server, subject(kGun + ":1", "hello"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_NOT_RELEASED");
  REQUIRE_THAT(decision.findings.at(0).detail, Catch::Matchers::StartsWith("No trust data for 1: "));

  const std::string store = R"(, "stores": {"dct": {"kind": "tuf", "roles": ["targets/alice"],
      "pins": [{"gun": "reg.example/app", "rootKeyIds": [")" +
                            server.rings.at("root").keys.at(0).id() + R"("]}]}})";
  const Gate alice = gate_of(for_registry(R"([{"type": "tuf", "store": "dct"}])", store));
  REQUIRE(ask(alice, server, subject(kGun + ":1", "hello")).approval);
}

TEST_CASE("a digest passes when some signed name has it", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const std::string name = kGun + "@" + digest_of(content_of(server)).to_string();
  REQUIRE(ask(pinned_gate(server), server, signed_subject(server, name)).approval);
  const std::string other = kGun + "@" + digest_of("other").to_string();
  const Decision decision = ask(pinned_gate(server), server, subject(other, "other"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_DIGEST");
}

TEST_CASE("a digest that is signed with another size is refused", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  Subject about = signed_subject(server, kGun + "@" + digest_of(content_of(server)).to_string());
  ++about.size;
  REQUIRE(code_of(ask(pinned_gate(server), server, about)) == "TUF_LENGTH");
}

TEST_CASE("a requirement can insist on a tag", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Gate gate = pinned_gate(server, R"(, "tagRequired": true)");
  REQUIRE(ask(gate, server, signed_subject(server)).approval);
  const std::string name = kGun + "@" + digest_of(content_of(server)).to_string();
  REQUIRE(code_of(ask(gate, server, signed_subject(server, name))) == "TUF_TAG_REQUIRED");
}

TEST_CASE("with a tag and a digest the tag's signed digest must be that digest", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  server.documents.at("targets").targets["2"] = {"two", ""};
  server.publish();
  const std::string digest = digest_of(content_of(server)).to_string();
  REQUIRE(ask(pinned_gate(server), server, signed_subject(server, kGun + ":1@" + digest)).approval);
  const Decision decision = ask(pinned_gate(server), server, signed_subject(server, kGun + ":2@" + digest));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_DIGEST");
}

TEST_CASE("a target without sha256 is refused, one with more is told", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  SimulatedTarget& target = server.documents.at("targets").targets.at("1");
  const auto hash = [&target](Algorithm algorithm) {
    return base64_of(parse_hex(Digest::of(view_of(target.content), algorithm).hex()));
  };
  target.hashes = R"({"sha512":")" + hash(Algorithm::sha512) + "\"}";
  server.publish();
  const Decision refused = ask(pinned_gate(server), server, signed_subject(server));
  REQUIRE(code_of(refused) == "TUF_NO_SHA256");
  REQUIRE_THAT(refused.findings.at(0).detail, Catch::Matchers::StartsWith("no valid hash, expecting sha256"));

  target.hashes = R"({"sha256":")" + hash(Algorithm::sha256) + R"(","sha512":")" + hash(Algorithm::sha512) + "\"}";
  server.publish_next();
  const Decision passed = ask(pinned_gate(server), server, signed_subject(server));
  REQUIRE(passed.approval);
  REQUIRE_THAT(passed.findings.at(0).detail, Catch::Matchers::EndsWith("signed too, not looked at here: sha512"));
}

TEST_CASE("a root that is not the pinned one is refused", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  TufRepository other(kGun, noon());
  const Decision decision = ask(pinned_gate(other), server, signed_subject(server));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_ROOT_NOT_PINNED");
  REQUIRE(decision.fault == Fault::refused);
}

TEST_CASE("trust data that was gathered without the pins does not pass for pinned", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  TufRepository other(kGun, noon());
  const Gate gate = pinned_gate(other);
  const Subject about = signed_subject(server);
  const policy::Plan plan = gate.plan(about.name);
  policy::Answers answers;
  answers.emplace(plan.questions().at(0)->key(),
                  answer_with(kGun, tuf::update(tuf::notary(), {kGun, {}, false}, {}, server, noon())));
  REQUIRE(code_of(gate.decide(plan, about, answers, noon())) == "TUF_ROOT_NOT_PINNED");

  // Known from before, hence no first use, but with keys that are not pinned.
  const tuf::TrustedMetadata memory = server.docker_cache();
  policy::Answers known;
  known.emplace(plan.questions().at(0)->key(),
                answer_with(kGun, tuf::update(tuf::notary(), {kGun, {}, false}, memory, server, noon())));
  REQUIRE(code_of(gate.decide(plan, about, known, noon())) == "TUF_ROOT_NOT_PINNED");
}

TEST_CASE("a root older than the policy allows does not pass", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const std::string store = R"(, "stores": {"dct": {"kind": "tuf", "pins": [{"gun": "reg.example/app",
      "minRootVersion": 2, "rootKeyIds": [")" +
                            server.rings.at("root").keys.at(0).id() + R"("]}]}})";
  const Gate gate = gate_of(for_registry(R"([{"type": "tuf", "store": "dct"}])", store));
  REQUIRE_FALSE(ask(gate, server, signed_subject(server)).approval);

  const Subject about = signed_subject(server);
  const policy::Plan plan = gate.plan(about.name);
  policy::Answers answers;
  tuf::Question without = asked_in(*plan.questions().at(0));
  without.anchor.least_root_version.reset();
  answers.emplace(plan.questions().at(0)->key(),
                  answer_with(kGun, tuf::update(tuf::notary(), without, {}, server, noon())));
  REQUIRE(code_of(gate.decide(plan, about, answers, noon())) == "TUF_ROOT_NOT_PINNED");
}

TEST_CASE("a root file in the policy is where the chain begins", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Files files{{"/etc/root.json", string_of(server.files.at("root.json"))}};
  const std::string store =
      R"(, "stores": {"dct": {"kind": "tuf", "pins": [{"gun": "reg.example/*", "root": {"path": "/etc/root.json"}}]}})";
  const Gate gate(parsed(for_registry(R"([{"type": "tuf", "store": "dct"}])", store), files), false);
  server.rotate_root();
  server.publish_next();
  REQUIRE(ask(gate, server, signed_subject(server)).approval);
  TufRepository other(kGun, noon());
  REQUIRE_FALSE(ask(gate, other, signed_subject(other)).approval);
}

TEST_CASE("a root that was trusted on first use does not pass for one that a root file led to", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Files files{{"/etc/root.json", string_of(server.files.at("root.json"))}};
  const std::string store =
      R"(, "stores": {"dct": {"kind": "tuf", "pins": [{"gun": "reg.example/*", "root": {"path": "/etc/root.json"}}]}})";
  const Gate gate(parsed(for_registry(R"([{"type": "tuf", "store": "dct"}])", store), files), false);
  const Subject about = signed_subject(server);
  const policy::Plan plan = gate.plan(about.name);
  policy::Answers answers;
  answers.emplace(plan.questions().at(0)->key(),
                  answer_with(kGun, tuf::update(tuf::notary(), {kGun, {}, false}, {}, server, noon())));
  REQUIRE(code_of(gate.decide(plan, about, answers, noon())) == "TUF_ROOT_NOT_PINNED");
}

TEST_CASE("the hint of the trust data is the one that is given", "[policy][tuf]") {
  const Gate gate(std::nullopt, true);
  const policy::Plan plan = gate.plan(Reference::parse(kGun + ":1"));
  policy::Answers answers;
  answers.emplace(
      plan.questions().at(0)->key(),
      answer_with(kGun, tuf::Outcome{tuf::Refusal{tuf::Refusal::Kind::expired, "targets", "old", "wait"}, {}, {}}));
  REQUIRE(gate.refuse(plan, answers, noon()).findings.at(0).hint == "wait");
}

TEST_CASE("trust data of another repository proves nothing", "[policy][tuf]") {
  TufRepository other("reg.example/other", noon());
  const Gate gate(std::nullopt, true);
  const Subject about = subject(kGun + ":1", content_of(other));
  const policy::Plan plan = gate.plan(about.name);
  policy::Answers answers;
  answers.emplace(plan.questions().at(0)->key(),
                  answer_with(other.gun, tuf::update(tuf::notary(), {other.gun, {}, true}, {}, other, noon())));
  REQUIRE(code_of(gate.decide(plan, about, answers, noon())) == "TUF_WRONG_REPOSITORY");
  REQUIRE_FALSE(gate.resolve(plan, answers));
}

TEST_CASE("what could not be found out is an error with its own fault, and no pass", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  server.answers["root"] = unreachable();
  const Gate gate = pinned_gate(server);
  const Decision decision = ask(gate, server, signed_subject(server));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_UNREACHABLE");
  REQUIRE(decision.findings.at(0).result == Result::error);
  REQUIRE(decision.fault == unreachable().fault);
  const policy::Plan plan = gate.plan(Reference::parse(kGun + ":1"));
  REQUIRE(gate.cannot_pass(plan, answers_of(plan, {{kGun, &server}}), noon()));
}

TEST_CASE("trust data that was never asked for is an error", "[policy][tuf]") {
  const Decision decision = decide(Gate(std::nullopt, true), subject(kGun + ":1", "x"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(code_of(decision) == "TUF_NO_ANSWER");
  REQUIRE(decision.fault == Fault::local);
}

TEST_CASE("a refusal beside an error is a refusal", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  server.answers["root"] = unreachable();
  const Gate gate = gate_of(for_registry(R"([{"type": "tuf", "store": "dct"}, {"type": "reject"}])",
                                         R"(, "stores": {)" + pinned_store(server, "dct") + "}"));
  REQUIRE(ask(gate, server, signed_subject(server)).fault == Fault::refused);
}

TEST_CASE("an unsigned repository is refused in docker's words", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  server.answers["root"] = missing();
  const Decision decision = ask(Gate(std::nullopt, true), server, signed_subject(server));
  REQUIRE(code_of(decision) == "TUF_NO_TRUST_DATA");
  REQUIRE(decision.fault == Fault::refused);
  REQUIRE_THAT(decision.findings.at(0).detail,
               Catch::Matchers::StartsWith("remote trust data does not exist for reg.example/app: "));
}

TEST_CASE("an error in a branch that is not needed spoils nothing", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  server.answers["root"] = unreachable();
  const auto gate = [&server](const std::string& other) {
    return gate_of(
        for_registry(R"([{"type": "threshold", "k": 1, "of": [{"type": "tuf", "store": "dct"}, )" + other + "]}]",
                     R"(, "stores": {)" + pinned_store(server, "dct") + "}"));
  };
  const Decision passed = ask(gate(R"({"type": "insecureAcceptAnything"})"), server, signed_subject(server));
  REQUIRE(passed.approval);
  REQUIRE_FALSE(passed.publisher_verified);
  const Decision open = ask(gate(R"({"type": "reject"})"), server, signed_subject(server));
  REQUIRE_FALSE(open.approval);
  REQUIRE(open.findings.at(0).result == Result::error);
  REQUIRE(open.fault == unreachable().fault);
}

TEST_CASE("trust resolves a tag to the first digest that is signed for it", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const auto resolve = [&server](const Gate& gate, const std::string& name) {
    const policy::Plan plan = gate.plan(Reference::parse(name));
    return gate.resolve(plan, answers_of(plan, {{kGun, &server}}));
  };
  const Digest digest = digest_of(content_of(server));
  REQUIRE(resolve(pinned_gate(server), kGun + ":1")->digest == digest);
  REQUIRE(resolve(pinned_gate(server), kGun + "@" + digest.to_string())->size == content_of(server).size());
  REQUIRE_FALSE(resolve(pinned_gate(server), kGun + ":2"));
  REQUIRE_FALSE(resolve(Gate(std::nullopt, false), kGun + ":1"));
  const Gate threshold = gate_of(
      for_registry(R"([{"type": "reject"}, {"type": "threshold", "k": 1, "of": [{"type": "tuf", "store": "dct"}]}])",
                   R"(, "stores": {)" + pinned_store(server, "dct") + "}"));
  REQUIRE(resolve(threshold, kGun + ":1")->digest == digest);
}

TEST_CASE("a tag that is signed is not lost, one that is not is", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const Gate gate = pinned_gate(server);
  const auto cannot_pass = [&](const std::string& name) {
    const policy::Plan plan = gate.plan(Reference::parse(name));
    return gate.cannot_pass(plan, answers_of(plan, {{kGun, &server}}), noon());
  };
  REQUIRE_FALSE(cannot_pass(kGun + ":1"));
  REQUIRE(cannot_pass(kGun + ":2"));
  REQUIRE_FALSE(cannot_pass(kGun + "@" + digest_of(content_of(server)).to_string()));
  REQUIRE(cannot_pass(kGun + "@" + digest_of("other").to_string()));
}

TEST_CASE("of a signed index whose gates saw one manifest this manifest is what may be given out", "[policy]") {
  TufRepository server(kGun, noon());
  const policy::Gate gate =
      gate_of(for_registry(R"([{"type": "tuf", "store": "dct"}, {"type": "gates", "size": {"maxLayers": 1}}])",
                           R"(, "stores": {)" + pinned_store(server, "dct") + "}"));
  Subject index = signed_subject(server);
  index.instances = {digest_of("x")};
  index.facts = {{digest_of("x"), "m", "c", {{"l", 1}}, {}, {}}};
  policy::Decision decision = ask(gate, server, index);
  REQUIRE(decision.approval);
  CHECK(decision.approval->subject().digest == index.digest);
  CHECK(decision.approval->subject().admitted == digest_of("x"));

  index.is_whole = true;
  decision = ask(gate, server, index);
  REQUIRE(decision.approval);
  CHECK(decision.approval->subject().admitted == index.digest);

  // Without gates the signature speaks of the index itself.
  index.is_whole = false;
  decision = ask(pinned_gate(server), server, index);
  REQUIRE(decision.approval);
  CHECK(decision.approval->subject().admitted == index.digest);
}
