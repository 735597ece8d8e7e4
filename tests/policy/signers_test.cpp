// SPDX-License-Identifier: Apache-2.0
#include "policy/judge.h"
#include "policy/report.h"
#include "tests/policy/trusted.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::test;
using policy::Decision;
using policy::Gate;

TEST_CASE("of signers that overlap as many count as have nothing in common", "[policy]") {
  using Sets = std::vector<std::set<std::string>>;
  CHECK(policy::most_distinct(Sets{}) == 0);
  CHECK(policy::most_distinct(Sets{{}, {"a"}}) == 1);
  CHECK(policy::most_distinct(Sets{{"a"}, {"a"}, {"a", "b"}}) == 1);
  // Whoever takes the first in the list finds one.
  CHECK(policy::most_distinct(Sets{{"a", "c"}, {"a", "b"}, {"c", "d"}}) == 2);
  CHECK(policy::most_distinct(Sets{{"b", "c"}, {"d", "e"}, {"a", "b"}, {"c", "d"}, {"e", "f"}}) == 3);
  // Any two share a key: one party, and an end to the search.
  Sets many;
  for (int i = 0; i < 60; ++i) many.push_back({"root", std::to_string(i)});
  CHECK(policy::most_distinct(many) == 1);
  for (int i = 0; i < 60; ++i) many.push_back({std::to_string(i), std::to_string((i + 1) % 60)});
  CHECK(policy::most_distinct(many) >= 30);
}

TEST_CASE("two publishers count as two, one publisher in two repositories as one", "[policy][tuf]") {
  TufRepository first(kGun, noon());
  TufRepository second("reg.example/copy", noon());
  second.documents.at("targets").targets = first.documents.at("targets").targets;
  second.publish();
  const auto run = [&](const std::string& more) {
    const Gate gate = gate_of(for_registry(
        R"([{"type": "threshold", "k": 2, "of": [{"type": "tuf", "store": "one"},
            {"type": "tuf", "store": "two", "gun": "reg.example/copy"}])" +
            more + "}]",
        R"(, "stores": {)" + pinned_store(first, "one") + ", " + pinned_store(second, "two") + "}"));
    const Subject about = signed_subject(first);
    const policy::Plan plan = gate.plan(about.name);
    return gate.decide(plan, about, answers_of(plan, {{kGun, &first}, {second.gun, &second}}), noon());
  };
  REQUIRE(run("").approval);

  // One private root key in two certificates has two key ids, and is one person.
  const test::SigningKey root = test::SigningKey::ecdsa();
  for (TufRepository* server : {&first, &second}) {
    server->rings.at("root").keys = {root.certified({server->gun, noon(), noon() + std::chrono::hours(48)})};
    server->publish_next();
  }
  REQUIRE(first.rings.at("root").keys.at(0).id() != second.rings.at("root").keys.at(0).id());
  const Decision decision = run("");
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.at(0).detail ==
          R"(got 1 of 2; 2 passed, but "distinct": "signer" counts those with the same keys once)");
  REQUIRE(run(R"(, "distinct": "requirement")").approval);
}

TEST_CASE("one signing key in two repositories counts once", "[policy][tuf]") {
  TufRepository first(kGun, noon());
  TufRepository second("reg.example/copy", noon());
  second.documents.at("targets").targets = first.documents.at("targets").targets;
  second.rings.at("targets") = first.rings.at("targets");
  second.publish();
  const Gate gate = gate_of(for_registry(
      R"([{"type": "threshold", "k": 2, "of": [{"type": "tuf", "store": "one"},
          {"type": "tuf", "store": "two", "gun": "reg.example/copy"}]}])",
      R"(, "stores": {)" + pinned_store(first, "one") + ", " + pinned_store(second, "two") + "}"));
  const Subject about = signed_subject(first);
  const policy::Plan plan = gate.plan(about.name);
  REQUIRE_FALSE(gate.decide(plan, about, answers_of(plan, {{kGun, &first}, {second.gun, &second}}), noon()).approval);
}

TEST_CASE("two roles of one repository count once, unless requirements are counted", "[policy][tuf]") {
  TufRepository server(kGun, noon());
  const std::string content = content_of(server);
  for (const std::string& role : {std::string("targets/alice"), std::string("targets/bob")}) {
    server.documents.at("targets").delegations.push_back({role, {{test::SigningKey::ecdsa()}, 1}});
    server.documents[role] = {1, noon() + std::chrono::hours(48), {{"1", {content, ""}}}, {}};
  }
  server.documents.at("targets").targets.clear();
  server.publish();
  const auto run = [&](const std::string& more) {
    const Gate gate = gate_of(for_registry(
        R"([{"type": "threshold", "k": 2, "of": [{"type": "tuf", "store": "dct", "roles": ["targets/alice"]},
            {"type": "tuf", "store": "dct", "roles": ["targets/bob"]}])" +
            more + "}]",
        R"(, "stores": {"dct": {"kind": "tuf", "roles": ["targets/alice", "targets/bob"], "pins": [{"gun":
            "reg.example/app", "rootKeyIds": [")" +
            server.rings.at("root").keys.at(0).id() + R"("]}]}})"));
    return ask(gate, server, subject(kGun + ":1", content));
  };
  const Decision decision = run("");
  REQUIRE_FALSE(decision.approval);
  // None of the branches failed, so the hint is the threshold's own.
  REQUIRE(policy::advice(decision) == R"(set "distinct": "requirement" in the threshold, if every branch is to count)");
  REQUIRE(run(R"(, "distinct": "requirement")").approval);
}
