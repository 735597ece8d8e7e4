// SPDX-License-Identifier: Apache-2.0
#include "policy/record.h"
#include "policy/report.h"
#include "tests/policy/policies.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

/// One layer too many for the policy below.
Subject large(const std::string& name = "reg.example/a:1") {
  Subject image = subject(name, "x");
  image.facts = {{digest_of("x"), "m", "c", {{"l", 1}, {"l", 1}}, {}, {}}};
  return image;
}

std::string exception(const std::string& scope = "reg.example/a", const std::string& content = "x",
                      const std::string& until = "2026-12-01T00:00:00Z", const std::string& waive = R"(["size"])") {
  return R"({"id": "ex-1", "scope": ")" + scope + R"(", "digest": ")" + digest_of(content).to_string() +
         R"(", "waive": )" + waive + R"(, "until": ")" + until + R"(", "reason": "hotfix INC-1"})";
}

constexpr const char* kOneLayer = R"([{"type": "gates", "size": {"maxLayers": 1}}])";

policy::Gate excepting(const std::string& exceptions, const std::string& requirements = kOneLayer) {
  return gate_of(for_registry(requirements, R"(, "exceptions": [)" + exceptions + "]"));
}

constexpr const char* kGlass = R"(, "breakGlass": {"allow": true, "reasonPattern": "^INC-[0-9]+: .+$",
    "audit": "/var/log/glass", "waivable": ["size"]})";

std::string record_of(const policy::Gate& gate, policy::Decision& decision) {
  const policy::Answers nothing;
  policy::Judgement judgement{gate.plan(Reference::parse("reg.example/a:1")), &nothing, std::move(decision),
                              policy::DecisionContext{"id", "pull", "1", noon(), "", {}, 0, {}, {}, {}, {}}};
  std::string record = policy::record(gate, judgement);
  decision = std::move(judgement.decision);
  return record;
}

}  // namespace

TEST_CASE("an exception lets one digest past its gates, in its scope, until its date", "[policy]") {
  CHECK_FALSE(decide(excepting(""), large()).approval);
  const policy::Gate gate = excepting(exception());
  policy::Decision decision = decide(gate, large());
  REQUIRE(decision.approval);
  CHECK(decision.exceptions == std::vector<std::string>{"ex-1"});
  CHECK(holds(record_of(gate, decision), R"("decision":"allow-exception")"));
  CHECK(holds(record_of(gate, decision), R"("exceptions":[{"id":"ex-1")"));
  CHECK(holds(record_of(gate, decision), R"("waivedBy":"ex-1")"));
  CHECK(holds(policy::waivers(gate, decision), "hotfix INC-1"));

  CHECK(decide(excepting(exception("reg.example")), large()).approval);
  CHECK_FALSE(decide(excepting(exception("reg.example/b")), large()).approval);
  CHECK_FALSE(decide(excepting(exception("reg.example/a:2")), large()).approval);
  CHECK_FALSE(decide(excepting(exception("reg.example/a", "y")), large()).approval);
  CHECK_FALSE(decide(excepting(exception("reg.example/a", "x", "2026-11-24T12:00:00Z")), large()).approval);
  CHECK_FALSE(
      decide(excepting(exception("reg.example/a", "x", "2026-12-01T00:00:00Z", R"(["config"])")), large()).approval);
}

TEST_CASE("an exception that has ended is named before the gates that it had", "[policy]") {
  const policy::Gate gate = excepting(exception("reg.example/a", "x", "2026-11-23T00:00:00Z"));
  const policy::Decision decision = decide(gate, large());
  REQUIRE_FALSE(decision.approval);
  CHECK(decision.findings.front().code == "EXCEPTION_ENDED");
  CHECK(decision.findings.front().id == "ex-1");
  CHECK(decision.findings.front().pointer == "/exceptions/0");
  CHECK(policy::summary(decision).starts_with("it let this image pass until 2026-11-23T00:00:00Z (EXCEPTION_ENDED); "));
  // Not for another image, another group, or where another one still holds.
  const auto first = [](const std::string& exceptions) {
    return decide(excepting(exceptions), large()).findings.front().code;
  };
  CHECK(first(exception("reg.example/a", "y", "2026-11-23T00:00:00Z")) != "EXCEPTION_ENDED");
  CHECK(first(exception("reg.example/a", "x", "2026-11-23T00:00:00Z", R"(["age"])")) != "EXCEPTION_ENDED");
  std::string other = exception();
  other.replace(other.find("ex-1"), 4, "ex-2");
  CHECK(decide(excepting(exception("reg.example/a", "x", "2026-11-23T00:00:00Z") + "," + other), large()).approval);
}

TEST_CASE("what came in by an exception is listed so", "[policy]") {
  const policy::Decision decision = decide(excepting(exception()), large());
  CHECK(decision.approval.value().subject().admission_reason.value().by == "nobody + exception ex-1");
}

TEST_CASE("an exception that was not needed is not told", "[policy]") {
  const policy::Decision decision =
      decide(excepting(exception(), R"([{"type": "gates", "size": {"maxLayers": 2}}])"), large());
  REQUIRE(decision.approval);
  CHECK(decision.exceptions.empty());
}

TEST_CASE("a gate that only looks on needs no exception; once it is enforced it does", "[policy]") {
  const auto audit = [](const std::string& until) {
    return excepting(exception(), R"([{"type": "insecureAcceptAnything"}, {"type": "audit", "until": ")" + until +
                                      R"(", "requirements": )" + kOneLayer + "}]");
  };
  policy::Gate before = audit("2026-11-24T12:00:01Z");
  policy::Decision told = decide(before, large());
  REQUIRE(told.approval);
  CHECK(told.exceptions.empty());
  CHECK(holds(record_of(before, told), R"("decision":"allow")"));
  const policy::Decision enforced = decide(audit("2026-11-24T12:00:00Z"), large());
  REQUIRE(enforced.approval);
  CHECK(enforced.exceptions == std::vector<std::string>{"ex-1"});
}

TEST_CASE("an exception waives nothing but gates", "[policy]") {
  const std::string all = R"(["age", "config", "size", "platform", "mediaType", "reference"])";
  const std::string wide = exception("reg.example/a", "x", "2026-12-01T00:00:00Z", all);
  CHECK_FALSE(decide(excepting(wide, R"([{"type": "reject"}])"), large()).approval);
  CHECK_FALSE(
      decide(excepting(wide, R"([{"type": "digest", "allow": [")" + digest_of("y").to_string() + "\"]}]"), large())
          .approval);
  const std::string gates = R"({"type": "gates", "size": {"maxLayers": 1}})";
  CHECK_FALSE(
      decide(excepting(wide, R"([{"type": "threshold", "k": 1, "of": [{"type": "reject"}, )" + gates + "]}]"), large())
          .approval);
}

TEST_CASE("a name that an exception may save is not lost before its digest is known", "[policy]") {
  const std::string waive = exception("reg.example/a", "x", "2026-12-01T00:00:00Z", R"(["reference"])");
  const std::string gates = R"([{"type": "gates", "reference": {"forbidTags": ["1"]}}])";
  const policy::Gate gate = excepting(waive, gates);
  CHECK_FALSE(gate.cannot_pass(gate.plan(Reference::parse("reg.example/a:1")), {}, noon()));
  CHECK(decide(gate, large()).approval);
  const policy::Gate other =
      excepting(exception("reg.example/a", "y", "2026-12-01T00:00:00Z", R"(["reference"])"), gates);
  CHECK_FALSE(decide(other, large()).approval);
}

TEST_CASE("a waived size is no limit while inflating, and is told as waived", "[policy]") {
  const std::string gates = R"([{"type": "gates", "size": {"maxUncompressed": "1B"}}])";
  const policy::Decision decision = decide(excepting(exception(), gates), large());
  REQUIRE(decision.approval);
  CHECK_FALSE(decision.approval->subject().most_uncompressed);
  CHECK(decision.exceptions.size() == 1);
}

TEST_CASE("the glass breaks for a reason that the policy takes, and only where it may", "[policy]") {
  policy::Gate gate = gate_of(for_registry(kOneLayer, kGlass));
  CHECK_FALSE(decide(gate, large()).approval);
  CHECK_FALSE(gate.break_glass("because").empty());
  CHECK_FALSE(decide(gate, large()).approval);
  CHECK(gate.break_glass("INC-7: production is down").empty());
  policy::Decision decision = decide(gate, large());
  REQUIRE(decision.approval);
  CHECK(decision.break_glass == "INC-7: production is down");
  CHECK(holds(record_of(gate, decision), R"("decision":"allow-break-glass")"));
  CHECK(holds(record_of(gate, decision),
              R"("breakGlass":{"reason":"INC-7: production is down","waived":["SIZE_LAYERS"]})"));

  for (const char* requirements :
       {R"([{"type": "gates", "reference": {"forbidTags": ["1"]}}])", R"([{"type": "reject"}])"}) {
    policy::Gate other = gate_of(for_registry(requirements, kGlass));
    CHECK(other.break_glass("INC-7: production is down").empty());
    CHECK_FALSE(decide(other, large()).approval);
  }
}

TEST_CASE("a glass that did not have to be broken is whole", "[policy]") {
  policy::Gate gate = gate_of(for_registry(R"([{"type": "gates", "size": {"maxLayers": 2}}])", kGlass));
  CHECK(gate.break_glass("INC-7: production is down").empty());
  policy::Decision decision = decide(gate, large());
  REQUIRE(decision.approval);
  CHECK_FALSE(decision.break_glass);
  CHECK(holds(record_of(gate, decision), R"("decision":"allow")"));
}

TEST_CASE("no glass is broken where the policy does not allow it or no record would be left", "[policy]") {
  for (const char* rule : {"", R"(, "breakGlass": {"allow": false, "audit": "/a", "waivable": ["size"]})",
                           R"(, "breakGlass": {"allow": true, "waivable": ["size"]})",
                           R"(, "breakGlass": {"allow": true, "audit": "/a"})"}) {
    INFO(rule);
    policy::Gate gate = gate_of(for_registry(kOneLayer, rule));
    static_cast<void>(gate.break_glass("INC-7: production is down"));
    CHECK_FALSE(decide(gate, large()).approval);
  }
  policy::Gate audited = gate_of(
      for_registry(kOneLayer, R"(, "audit": {"file": "/a"}, "breakGlass": {"allow": true, "waivable": ["size"]})"));
  CHECK_FALSE(audited.break_glass("").empty());
  CHECK(audited.break_glass("x").empty());
  CHECK(decide(audited, large()).approval);
  policy::Gate none({}, false);
  CHECK_FALSE(none.break_glass("x").empty());
  policy::Gate empty = gate_of(for_registry(kOneLayer, R"(, "breakGlass": {"allow": true, "audit": "/a"})"));
  CHECK(empty.break_glass("x") == "the policy lists no gates that may be waived");
}

TEST_CASE("an audit tells and does not refuse, until its date", "[policy]") {
  const auto audit = [](const std::string& until) {
    return gate_of(
        for_registry(R"([{"type": "insecureAcceptAnything"}, {"type": "audit", "requirements": [{"type": "reject"}])" +
                     until + "}]"));
  };
  const policy::Decision told = decide(audit(R"(, "until": "2026-11-24T12:00:01Z")"), large());
  REQUIRE(told.approval);
  CHECK(told.findings.at(1).children.at(0).code == "REJECT");
  CHECK(decide(audit(""), large()).approval);
  CHECK_FALSE(decide(audit(R"(, "until": "2026-11-24T12:00:00Z")"), large()).approval);
  const policy::Policy endless =
      parsed(for_registry(R"([{"type": "reject"}, {"type": "audit", "requirements": [{"type": "reject"}]}])"));
  CHECK(endless.remarks().size() == 1);
}

TEST_CASE("an audit of gates waits for the config, so that it can tell", "[policy]") {
  const policy::Gate gate = gate_of(for_registry(
      R"([{"type": "audit", "until": "2027-01-01T00:00:00Z", "requirements": [{"type": "gates", "config": {"nonRoot": true}}]}])"));
  Subject image = large();
  const policy::Decision waiting = decide(gate, image);
  CHECK_FALSE(waiting.approval);
  CHECK(waiting.needs_config);
  image.facts.at(0).config = ConfigFacts{};
  const policy::Decision told = decide(gate, image);
  REQUIRE(told.approval);
  CHECK(told.findings.at(0).children.at(0).children.at(0).code == "USER_ROOT");
}

TEST_CASE("waivers and records that are written wrong do not load", "[policy]") {
  const std::string digest = digest_of("x").to_string();
  const std::string members = GENERATE_COPY(
      as<std::string>{}, R"("exceptions": {})", R"("exceptions": [{}])",
      R"("exceptions": [)" + exception("reg.example/a", "x", "soon") + "]",
      R"("exceptions": [)" + exception("reg.example/a", "x", "2026-12-01T00:00:00Z", "[]") + "]",
      R"("exceptions": [)" + exception("reg.example/a", "x", "2026-12-01T00:00:00Z", R"(["tuf"])") + "]",
      R"("exceptions": [)" + exception("reg.example/a", "x", "2026-12-01T00:00:00Z", R"(["size", "size"])") + "]",
      R"("exceptions": [)" + exception("reg.example/a", "x", "2026-12-01T00:00:00Z", R"(["freshness"])") + "]",
      R"("exceptions": [)" + exception("") + "]", R"("exceptions": [)" + exception("Reg.example") + "]",
      R"("exceptions": [)" + exception() + ", " + exception() + "]",
      R"("exceptions": [{"id": "a", "scope": "reg.example", "digest": ")" + digest +
          R"(", "waive": ["size"], "until": "2026-12-01T00:00:00Z", "reason": "short"}])",
      R"("exceptions": [{"id": "a", "scope": "reg.example", "digest": ")" + digest +
          R"(", "waive": ["size"], "reason": "long enough"}])",
      R"("breakGlass": {})", R"("breakGlass": {"allow": 1})", R"("breakGlass": {"allow": true, "reasonPattern": "x"})",
      R"("breakGlass": {"allow": true, "audit": "log"})", R"("breakGlass": {"allow": true, "waivable": []})",
      R"("breakGlass": {"allow": true, "waivable": ["tuf"]})", R"("breakGlass": {"allow": true, "x": 1})",
      R"("audit": [])", R"("audit": {"file": "log"})", R"("audit": {"file": "/a/../b"})", R"("audit": {"required": 1})",
      R"("audit": {"required": true})", R"("audit": {"file": "/a", "x": 1})");
  INFO(members);
  REQUIRE_FAULT(parsed(native(", " + members)), Fault::usage);
}

TEST_CASE("an audit requirement that is written wrong does not load", "[policy]") {
  const std::string text =
      GENERATE(as<std::string>{}, R"({"type": "audit"})", R"({"type": "audit", "requirements": []})",
               R"({"type": "audit", "requirements": [{"type": "nope"}]})",
               R"({"type": "audit", "requirements": [{"type": "reject"}], "until": "soon"})",
               R"({"type": "audit", "of": [{"type": "reject"}]})",
               R"({"type": "reject", "requirements": [{"type": "reject"}]})");
  INFO(text);
  REQUIRE_FAULT(parsed(for_registry("[" + text + "]")), Fault::usage);
}

TEST_CASE("a default that only audits accepts anything", "[policy]") {
  REQUIRE_FAULT(parsed(R"({"hallmark": 1, "default": [{"type": "audit", "until": "2026-01-01T00:00:00Z",
      "requirements": [{"type": "reject"}]}]})"),
                Fault::usage);
}
