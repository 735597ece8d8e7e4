// SPDX-License-Identifier: Apache-2.0
#include "policy/gate.h"

#include <type_traits>

#include "tests/policy/policies.h"
#include "tests/support/catch.h"
#include "tests/support/tuf_source.h"

using namespace hallmark;
using namespace hallmark::test;
using policy::Approval;
using policy::Decision;
using policy::Gate;
using policy::Result;

namespace {

const std::string kAccept = R"({"type": "insecureAcceptAnything"})";
const std::string kReject = R"({"type": "reject"})";
const std::string kLater = R"({"type": "sigstoreSigned", "keyPath": "/k"})";

std::string digests(const std::string& content) {
  return R"({"type": "digest", "allow": [")" + digest_of(content).to_string() + "\"]}";
}

std::string threshold(const std::string& k, const std::string& branches, const std::string& more = "") {
  return R"({"type": "threshold", "k": )" + k + R"(, "of": [)" + branches + "]" + more + "}";
}

Decision decide_list(const std::string& requirements) {
  return decide(gate_of(for_registry("[" + requirements + "]")), subject("reg.example/app:1", "x"));
}

std::vector<std::string> codes(const Decision& decision) {
  std::vector<std::string> words;
  for (const policy::Finding& finding : decision.findings) words.push_back(finding.code);
  return words;
}

}  // namespace

TEST_CASE("nobody but the gate can make an approval", "[policy]") {
  STATIC_REQUIRE_FALSE(std::is_default_constructible_v<Approval>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Approval, Subject>);
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Approval>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<Approval>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Approval>);
}

TEST_CASE("an approval binds the name and the bytes that were decided about", "[policy]") {
  const Subject asked = subject("reg.example/app:1", "x");
  Decision decision = decide(Gate(std::nullopt, false), asked);
  REQUIRE(decision.approval.value().subject().name == asked.name);
  REQUIRE(decision.approval->subject().digest == asked.digest);
  REQUIRE(decision.approval->subject().size == asked.size);
  REQUIRE(decision.approval->subject().instances == asked.instances);
}

TEST_CASE("an approval says why it was given", "[policy]") {
  const auto admission_reason = [](Decision decision) {
    return decision.approval.value().subject().admission_reason.value();
  };
  const AdmissionReason nobody = admission_reason(decide(Gate(std::nullopt, false), subject("reg.example/app:1", "x")));
  REQUIRE(nobody.by == "nobody");
  REQUIRE(nobody.rule == "no policy");
  const Subject asked = subject("reg.example/app:1", "x");
  const std::string list = R"([{"type":"digest","allow":[")" + asked.digest.to_string() + R"("]}])";
  const AdmissionReason listed = admission_reason(decide(gate_of(for_registry(list)), asked));
  REQUIRE(listed.by == "digest");
  REQUIRE(listed.rule == "docker:reg.example");
}

TEST_CASE("an approval can be spent once", "[policy]") {
  Decision decision = decide(Gate(std::nullopt, false), subject("reg.example/app:1", "x"));
  const Approval spent = std::move(decision.approval.value());
  REQUIRE(spent.subject().name == Reference::parse("reg.example/app:1"));
  REQUIRE_THROWS_AS(decision.approval->subject(), std::logic_error);  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("without a policy and without content trust everything is accepted and nobody is verified", "[policy]") {
  const Decision decision = decide(Gate(std::nullopt, false), subject("reg.example/app:1", "x"));
  REQUIRE(decision.approval);
  REQUIRE_FALSE(decision.publisher_verified);
  REQUIRE(decision.findings.size() == 1);
  REQUIRE(decision.findings.at(0).type == "none");
}

TEST_CASE("a decision is never about another name than the plan", "[policy]") {
  const Gate gate(std::nullopt, false);
  const policy::Plan plan = gate.plan(Reference::parse("reg.example/app:1"));
  REQUIRE_FAULT(gate.decide(plan, subject("reg.example/app:2", "x"), {}, noon()), Fault::local);
  REQUIRE_FAULT(gate.decide(plan, subject("reg.example/other:1", "x"), {}, noon()), Fault::local);
}

TEST_CASE("a gate decides by no plan but its own", "[policy]") {
  const Gate gate = gate_of(for_registry("[" + kReject + "]"));
  const Gate open(std::nullopt, false);
  const Subject about = subject("reg.example/app:1", "x");
  const policy::Plan other = open.plan(about.name);
  REQUIRE(open.decide(other, about, {}, noon()).approval);
  REQUIRE_FAULT(gate.decide(other, about, {}, noon()), Fault::local);
  REQUIRE_FAULT(gate.cannot_pass(other, {}, noon()), Fault::local);
  // Also under a clock that loses every name.
  const Gate late(std::nullopt, false, {{}, noon() + std::chrono::hours(1)});
  REQUIRE_FAULT(late.cannot_pass(other, {}, noon()), Fault::local);
  REQUIRE_FAULT(gate.refuse(other, {}, noon()), Fault::local);
  REQUIRE_FAULT(gate.resolve(other, {}), Fault::local);
  REQUIRE_FAULT(open.decide(policy::Plan::none(about.name), about, {}, noon()), Fault::local);
}

TEST_CASE("the bytes must be those that the name itself asks for", "[policy]") {
  const std::string name = "reg.example/app@" + digest_of("x").to_string();
  REQUIRE(decide(Gate(std::nullopt, false), subject(name, "x")).approval);
  const Decision decision = decide(Gate(std::nullopt, false), subject(name, "y"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.back().code == "REFERENCE_DIGEST");
}

TEST_CASE("all requirements of a list must pass, and all are asked", "[policy]") {
  REQUIRE(decide_list(kAccept).approval);
  REQUIRE(decide_list(kAccept + "," + digests("x")).approval);
  const Decision decision = decide_list(kReject + "," + digests("y") + "," + kAccept + "," + kLater);
  REQUIRE_FALSE(decision.approval);
  REQUIRE(codes(decision) == std::vector<std::string>{"REJECT", "DIGEST", "", "NOT_SUPPORTED"});
  REQUIRE(decision.fault == Fault::refused);
}

TEST_CASE("an accepting requirement does not take back a rejecting one", "[policy]") {
  REQUIRE_FALSE(decide_list(kAccept + "," + kReject).approval);
  REQUIRE_FALSE(decide_list(kReject + "," + kAccept).approval);
}

TEST_CASE("a rejection says what the policy says about it", "[policy]") {
  REQUIRE(decide_list(kReject).findings.at(0).detail ==
          "Running image docker://reg.example/app:1 is rejected by policy.");
  REQUIRE(decide_list(R"({"type": "reject", "message": "ask\nsecurity"})").findings.at(0).detail == "ask\\x0asecurity");
}

TEST_CASE("a name without a rule falls under the default", "[policy]") {
  const Gate gate = gate_of(for_registry("[" + kAccept + "]"));
  REQUIRE(decide(gate, subject("reg.example/app:1", "x")).approval);
  REQUIRE_FALSE(decide(gate, subject("other.example/app:1", "x")).approval);
}

TEST_CASE("a listed digest passes for the document itself and for all its instances", "[policy]") {
  const Gate gate = gate_of(for_registry("[" + digests("x") + "]"));
  REQUIRE(decide(gate, subject("reg.example/app:1", "x")).approval);
  REQUIRE_FALSE(decide(gate, subject("reg.example/app:1", "y")).approval);

  Subject index = subject("reg.example/app:1", "index");
  index.is_whole = true;
  index.instances = {digest_of("x")};
  REQUIRE(decide(gate, index).approval);
  index.instances = {digest_of("x"), digest_of("y")};
  REQUIRE_FALSE(decide(gate, index).approval);
  index.instances.clear();
  REQUIRE_FALSE(decide(gate, index).approval);
}

TEST_CASE("a listed manifest does not stand for an index that lists more", "[policy]") {
  const Gate gate = gate_of(for_registry("[" + digests("x") + "]"));
  Subject index = subject("reg.example/app:1", "index");
  index.instances = {digest_of("x")};
  const Decision decision = decide(gate, index);
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.is_for_instances);
  REQUIRE(decision.fault == Fault::refused);
  REQUIRE(decision.findings.back().code == "INDEX_IN_PART");
  // What an inner threshold or a list of lists found is no more than that.
  REQUIRE(decide(gate_of(for_registry("[" + threshold("1", digests("x")) + "]")), index).is_for_instances);
  // Another branch may admit the index itself.
  const Decision either =
      decide(gate_of(for_registry("[" + threshold("1", digests("x") + "," + kAccept) + "]")), index);
  REQUIRE(either.approval);
  REQUIRE(either.approval->subject().admitted == digest_of("index"));
  REQUIRE_FALSE(
      decide(gate_of(for_registry("[" + threshold("2", digests("x") + "," + kAccept) + "]")), index).approval);
}

TEST_CASE("a listed index is admitted whatever of it was looked at", "[policy]") {
  const Gate gate = gate_of(for_registry("[" + digests("index") + "]"));
  Subject index = subject("reg.example/app:1", "index");
  index.instances = {digest_of("x")};
  const Decision decision = decide(gate, index);
  REQUIRE(decision.approval);
  REQUIRE(decision.approval->subject().admitted == digest_of("index"));
}

TEST_CASE("a clock behind the latest time that was certain is refused whoever asks", "[policy]") {
  const Subject image = subject("reg.example/app:1", "x");
  const Gate early(std::nullopt, false, {{}, noon() + std::chrono::minutes(5)});
  REQUIRE(decide(early, image).approval);
  const Gate late(std::nullopt, false, {{}, noon() + std::chrono::minutes(6)});
  const Decision decision = decide(late, image);
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.front().code == "CLOCK");
  const Gate told(std::nullopt, false, {{}, noon() + std::chrono::minutes(6), "/store/.hallmark/freshness.json"});
  REQUIRE(holds(decide(told, image).findings.front().detail, "as /store/.hallmark/freshness.json remembers"));
  REQUIRE(late.cannot_pass(late.plan(image.name), {}, noon()));
  REQUIRE(late.refuse(late.plan(image.name), {}, noon()).findings.front().code == "CLOCK");
}

TEST_CASE("a digest that is not listed is told with what was expected", "[policy]") {
  REQUIRE(decide_list(digests("y")).findings.at(0).detail ==
          "expected " + digest_of("y").to_string() + ", found " + digest_of("x").to_string());
}

TEST_CASE("a threshold passes with enough branches and shows all of them", "[policy]") {
  REQUIRE(decide_list(threshold("1", kReject + "," + kAccept + "," + kLater)).approval);
  const Decision decision = decide_list(threshold("2", kReject + "," + kAccept + "," + kLater));
  REQUIRE_FALSE(decision.approval);
  const policy::Finding& finding = decision.findings.at(0);
  REQUIRE(finding.code == "THRESHOLD");
  REQUIRE(finding.need == 2);
  REQUIRE(finding.got == 1);
  REQUIRE(finding.children.size() == 3);
  REQUIRE(finding.children.at(2).code == "NOT_SUPPORTED");
}

TEST_CASE("what the policy itself says counts once in a threshold, however often it says it", "[policy]") {
  const std::string branches = digests("x") + "," + kAccept;
  REQUIRE(decide_list(threshold("1", branches)).approval);
  const Decision decision = decide_list(threshold("2", branches));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.at(0).detail ==
          R"(got 1 of 2; 2 passed, but "distinct": "signer" counts those with the same keys once)");
  REQUIRE(decide_list(threshold("2", branches, R"(, "distinct": "requirement")")).approval);
}

TEST_CASE("thresholds can stand in thresholds", "[policy]") {
  const std::string inner = threshold("2", digests("x") + "," + kAccept, R"(, "distinct": "requirement")");
  REQUIRE(decide_list(threshold("1", kReject + "," + inner)).approval);
  REQUIRE_FALSE(decide_list(threshold("2", kReject + "," + inner)).approval);
}

TEST_CASE("an expired policy denies everything", "[policy]") {
  const Gate gate = gate_of(for_registry("[" + kAccept + "]", R"(, "metadata": {"expires": "2026-12-01T00:00:00Z"})"));
  const Subject asked = subject("reg.example/app:1", "x");
  const policy::Plan plan = gate.plan(asked.name);
  REQUIRE(gate.decide(plan, asked, {}, parse_time("2026-11-30T23:59:59Z")).approval);
  const Decision decision = gate.decide(plan, asked, {}, parse_time("2026-12-01T00:00:00Z"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.at(0).code == "POLICY_EXPIRED");
  REQUIRE(decision.fault == Fault::refused);
}

TEST_CASE("a policy with a lower serial than one seen before approves nothing", "[policy]") {
  const Subject asked = subject("reg.example/app:1", "x");
  const auto decided = [&](std::int64_t serial, std::optional<std::int64_t> highest) {
    const std::string metadata = R"(, "metadata": {"name": "prod", "serial": )" + std::to_string(serial) + "}";
    const Gate gate(parsed(for_registry("[" + kAccept + "]", metadata)), false, {highest, {}});
    const policy::Plan plan = gate.plan(asked.name);
    REQUIRE(gate.cannot_pass(plan, {}, noon()) == (highest && serial < *highest));
    return gate.decide(plan, asked, {}, noon());
  };
  REQUIRE(decided(12, std::nullopt).approval);
  REQUIRE(decided(12, 12).approval);
  REQUIRE(decided(13, 12).approval);
  const Decision decision = decided(11, 12);
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.at(0).code == "POLICY_ROLLBACK");
  REQUIRE(decision.findings.at(0).detail == "expected serial 12 or higher, as seen before, found 11");
  REQUIRE(decision.fault == Fault::refused);
}

TEST_CASE("a name that no digest could save is lost before anything is fetched", "[policy]") {
  const auto cannot_pass = [](const std::string& requirements) {
    const Gate gate = gate_of(for_registry("[" + requirements + "]"));
    return gate.cannot_pass(gate.plan(Reference::parse("reg.example/app:1")), {}, noon());
  };
  REQUIRE(cannot_pass(kReject));
  REQUIRE(cannot_pass(digests("x") + "," + kLater));
  REQUIRE(cannot_pass(threshold("2", digests("x") + "," + kReject)));
  REQUIRE_FALSE(cannot_pass(digests("x")));
  REQUIRE_FALSE(cannot_pass(kAccept));
  REQUIRE_FALSE(cannot_pass(threshold("1", digests("x") + "," + kReject)));
}

TEST_CASE("without a digest there is never an approval", "[policy]") {
  const auto refuse = [](const std::string& requirements) {
    const Gate gate = gate_of(for_registry("[" + requirements + "]"));
    return gate.refuse(gate.plan(Reference::parse("reg.example/app:1")), {}, noon());
  };
  const Decision open = refuse(kAccept + "," + digests("x"));
  REQUIRE_FALSE(open.approval);
  REQUIRE(open.findings.at(1).result == Result::skipped);
  REQUIRE(open.findings.back().code == "NO_DIGEST");
  REQUIRE(open.fault == Fault::missing);
  const Decision closed = refuse(kReject);
  REQUIRE_FALSE(closed.approval);
  REQUIRE(closed.findings.size() == 1);
  REQUIRE(closed.fault == Fault::refused);
}

TEST_CASE("content trust asks for trust data where the policy asks for none", "[policy]") {
  const Reference name = Reference::parse("reg.example/app:1");
  const Gate alone(std::nullopt, true);
  const policy::Plan plan = alone.plan(name);
  REQUIRE(plan.requirements().size() == 1);
  REQUIRE(plan.requirements().at(0).pointer == "DOCKER_CONTENT_TRUST");
  REQUIRE(plan.questions().size() == 1);
  const trust::Question& question = *plan.questions().at(0);
  REQUIRE(question.collection()->name == "reg.example/app");
  REQUIRE(alone.plan(Reference::parse("Reg.EXAMPLE:443/app:1")).questions().at(0)->collection()->name ==
          "reg.example/app");
  REQUIRE_FALSE(asked_in(question).anchor.is_pinned());
  REQUIRE(asked_in(question).cached_timestamp_allowed);
  REQUIRE_FALSE(question.collection()->server);

  const Gate with_policy(parsed(for_registry("[" + kAccept + "]")), true);
  REQUIRE(with_policy.plan(name).requirements().size() == 2);
  REQUIRE_FALSE(decide(with_policy, subject("reg.example/app:1", "x")).approval);
}

TEST_CASE("content trust does not add to what the policy asks already", "[policy]") {
  const std::string key(64, 'a');
  const std::string stores = R"(, "stores": {"dct": {"kind": "tuf", "server": "https://notary.example",
      "pins": [{"gun": "reg.example/*", "rootKeyIds": [")" +
                             key + R"("]}]}})";
  const Reference name = Reference::parse("reg.example/app:1");
  const Gate top(parsed(for_registry(R"([{"type": "tuf", "store": "dct"}])", stores)), true);
  const policy::Plan plan = top.plan(name);
  REQUIRE(plan.requirements().size() == 1);
  REQUIRE(plan.questions().at(0)->collection()->server == "https://notary.example");
  REQUIRE_FALSE(asked_in(*plan.questions().at(0)).cached_timestamp_allowed);
  REQUIRE(asked_in(*plan.questions().at(0)).anchor.root_key_ids.at(0) == key);

  const Gate inside(parsed(for_registry("[" + threshold("1", R"({"type": "tuf", "store": "dct"})") + "]", stores)),
                    true);
  REQUIRE(inside.plan(name).requirements().size() == 2);
  REQUIRE(inside.plan(name).questions().size() == 2);
}

TEST_CASE("content trust that is off takes nothing of the policy away", "[policy]") {
  const Gate gate(parsed(for_registry("[" + kReject + "]")), false);
  REQUIRE_FALSE(decide(gate, subject("reg.example/app:1", "x")).approval);
}

TEST_CASE("each store asks once about a name, and for itself: its memory is its own", "[policy]") {
  const std::string key(64, 'a');
  const std::string pin = R"({"kind": "tuf", "pins": [{"gun": "reg.example/*", "rootKeyIds": [")" + key + "\"]}]";
  const std::string stores = R"(, "stores": {"one": )" + pin + R"(}, "two": )" + pin + R"(}, "other": )" + pin +
                             R"(, "server": "https://notary.example"}})";
  const Gate gate(parsed(for_registry(R"([{"type": "tuf", "store": "one"}, {"type": "tuf", "store": "two"},
                                          {"type": "tuf", "store": "one", "roles": ["targets"]},
                                          {"type": "tuf", "store": "other"},
                                          {"type": "tuf", "store": "one", "gun": "reg.example/b"}])",
                                      stores)),
                  false);
  const policy::Plan plan = gate.plan(Reference::parse("reg.example/app:1"));
  REQUIRE(plan.questions().size() == 4);
  REQUIRE(plan.questions().at(0)->key() == "one reg.example/app");
  REQUIRE(plan.questions().at(1)->key() == "two reg.example/app");
  REQUIRE(plan.questions().at(2)->key() == "other reg.example/app");
  REQUIRE(plan.questions().at(3)->key() == "one reg.example/b");
  REQUIRE(plan.questions().at(1)->collection()->store == "two");
}

TEST_CASE("the name is asked about as the native policy calls it", "[policy]") {
  const std::string key(64, 'a');
  const std::string stores =
      R"(, "stores": {"dct": {"kind": "tuf", "pins": [{"gun": "reg.example/*", "rootKeyIds": [")" + key + R"("]}]}})";
  const Gate gate(parsed(for_registry(R"([{"type": "tuf", "store": "dct"}])", stores)), false);
  REQUIRE(gate.plan(Reference::parse("REG.example:443/app:1")).questions().at(0)->collection()->name ==
          "reg.example/app");
}

TEST_CASE("a name without a pin fails and asks nothing", "[policy]") {
  const std::string key(64, 'a');
  const std::string stores =
      R"(, "stores": {"dct": {"kind": "tuf", "pins": [{"gun": "other.example/*", "rootKeyIds": [")" + key + R"("]}]}})";
  const Gate gate(parsed(for_registry(R"([{"type": "tuf", "store": "dct"}])", stores)), false);
  REQUIRE(gate.plan(Reference::parse("reg.example/app:1")).questions().empty());
  const Decision decision = decide(gate, subject("reg.example/app:1", "x"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.at(0).code == "TUF_NO_PIN");
  REQUIRE(decision.findings.at(0).detail == "store \"dct\" has no pin for reg.example/app");
  REQUIRE(decision.fault == Fault::refused);
}
