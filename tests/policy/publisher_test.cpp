// SPDX-License-Identifier: Apache-2.0
#include "policy/report.h"
#include "tests/policy/trusted.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::test;
using policy::Decision;
using policy::Gate;
using policy::Result;

namespace {

const std::string kFlag = "--require-publisher";

Gate requiring(Gate gate) {
  gate.require_publisher(kFlag);
  return gate;
}

const policy::Finding& last_of(const Decision& decision) { return decision.findings.back(); }

const std::string kMember = R"(, "requirePublisher": true)";
const std::string kOpen = R"([{"type": "insecureAcceptAnything"}])";

}  // namespace

TEST_CASE("where a publisher is required, what nobody signed is refused", "[policy][publisher]") {
  const Subject about = subject("reg.example/app:1", "x");
  SECTION("without a policy") {
    const Decision decision = decide(requiring(Gate(std::nullopt, false)), about);
    CHECK_FALSE(decision.approval);
    CHECK(decision.fault == Fault::refused);
    CHECK(last_of(decision).code == "NO_PUBLISHER");
    CHECK(last_of(decision).pointer == kFlag);
    CHECK(last_of(decision).detail == "no publisher was verified: neither a policy nor content trust asks for one");
  }
  SECTION("under a policy that accepts anything, which is named") {
    const Decision decision = decide(requiring(gate_of(for_registry(kOpen))), about);
    CHECK(last_of(decision).detail == "no publisher was verified: the policy /etc/policy.json asks for none");
  }
  SECTION("under a containers-policy.json") {
    CHECK_FALSE(decide(requiring(gate_of(R"({"default": )" + kOpen + "}")), about).approval);
  }
  SECTION("because the policy says so, which nobody takes away") {
    const Decision decision = decide(gate_of(for_registry(kOpen, kMember)), about);
    CHECK_FALSE(decision.approval);
    CHECK(last_of(decision).code == "NO_PUBLISHER");
    CHECK(last_of(decision).pointer == "/requirePublisher");
    CHECK(decide(gate_of(for_registry(kOpen, R"(, "requirePublisher": false)")), about).approval);
  }
  SECTION("a list of digests is the word of the policy, and of no publisher") {
    const std::string list = R"([{"type": "digest", "allow": [")" + about.digest.to_string() + "\"]}]";
    CHECK(decide(gate_of(for_registry(list)), about).approval);
    CHECK_FALSE(decide(gate_of(for_registry(list, kMember)), about).approval);
  }
}

TEST_CASE("a required publisher adds nothing to what is refused already", "[policy][publisher]") {
  const Decision decision =
      decide(gate_of(for_registry(R"([{"type": "reject"}])", kMember)), subject("reg.example/app:1", "x"));
  REQUIRE(decision.findings.size() == 1);
  REQUIRE(code_of(decision) == "REJECT");
}

TEST_CASE("what no publisher is asked about is lost before anything is fetched", "[policy][publisher]") {
  const Reference name = Reference::parse(kGun + ":1");
  const Gate open = requiring(Gate(std::nullopt, false));
  REQUIRE(open.cannot_pass(open.plan(name), {}, noon()));
  REQUIRE(open.refuse(open.plan(name), {}, noon()).fault == Fault::refused);
  TufRepository server(kGun, noon());
  const Gate asked = requiring(pinned_gate(server));
  const policy::Plan plan = asked.plan(name);
  REQUIRE_FALSE(asked.cannot_pass(plan, answers_of(plan, {{kGun, &server}}), noon()));
}

TEST_CASE("where a publisher is required, what one signed comes in", "[policy][publisher]") {
  TufRepository server(kGun, noon());
  for (const Gate& gate : {requiring(pinned_gate(server)), requiring(Gate(std::nullopt, true))}) {
    const Decision decision = ask(gate, server, signed_subject(server));
    CHECK(decision.approval);
    CHECK(decision.publisher_verified);
    CHECK(last_of(decision).type == "publisher");
    CHECK(last_of(decision).result == Result::pass);
  }
  // A threshold that another branch meets is no publisher's word.
  const std::string either = R"([{"type": "threshold", "k": 1, "of": [{"type": "tuf", "store": "dct"},
                                {"type": "insecureAcceptAnything"}]}])";
  const Gate gate = gate_of(for_registry(either, kMember + R"(, "stores": {)" + pinned_store(server, "dct") + "}"));
  CHECK(ask(gate, server, signed_subject(server)).approval);
  const Decision other = ask(gate, server, subject(kGun + ":1", "other"));
  CHECK_FALSE(other.approval);
  CHECK(last_of(other).detail == "no publisher was verified: the policy is met without one");
}

TEST_CASE("the line about what nobody signed names the policy file", "[policy][publisher]") {
  const Reference name = Reference::parse("reg.example/app:1");
  CHECK(
      policy::unverified_notice(Gate(std::nullopt, false), name) ==
      "no publisher was verified for reg.example/app:1: neither a policy nor content trust asks for one; every digest "
      "is checked");
  CHECK(policy::unverified_notice(gate_of(for_registry(kOpen)), name) ==
        "no publisher was verified for reg.example/app:1: the policy /etc/policy.json asks for none; every digest is "
        "checked");
}
