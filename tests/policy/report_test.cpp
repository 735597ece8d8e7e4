// SPDX-License-Identifier: Apache-2.0
#include "policy/report.h"

#include <fstream>
#include <iterator>

#include "policy/codes.h"
#include "policy/record.h"
#include "tests/policy/policies.h"
#include "tests/support/catch.h"
#include "tests/support/tuf_repository.h"
#include "tests/support/tuf_source.h"
#include "trust/json.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;
using policy::Decision;
using policy::DecisionContext;
using policy::Gate;

namespace {

const std::string kReportGun = "reg.example/app";

/// One case from the plan to the report.
struct Case {
  Gate gate;
  std::unique_ptr<policy::Answers> answers = std::make_unique<policy::Answers>();
  policy::Judgement judgement;

  Case(Gate asked, const Subject& about, TufRepository* server)
      : gate(std::move(asked)), judgement{gate.plan(about.name), answers.get()} {
    auto& [plan, gathered, decision, context] = judgement;
    for (const auto& question : plan.questions()) {
      answers->emplace(question->key(), answer_of(*question, *server, noon()));
    }
    decision = gate.decide(plan, about, *answers, noon());
    context.id = "7c1f";
    context.operation = "pull";
    context.version = "0.1.0";
    context.now = noon();
    context.media_type = "application/vnd.oci.image.manifest.v1+json";
    context.digest = about.digest;
    context.size = about.size;
    context.store = "/var/lib/hallmark";
  }

  [[nodiscard]] std::string explain() const { return policy::explain(gate, judgement); }
  [[nodiscard]] std::string record() const { return policy::record(gate, judgement); }
};

const std::string kMixed =
    R"([{"type": "insecureAcceptAnything", "id": "open"}, {"type": "threshold", "id": "one-of-two", "k": 1, "of": [)"
    R"({"type": "reject", "message": "not today"}, {"type": "sigstoreSigned", "keyPath": "/k"}]}, {"type": "reject"}])";

Case mixed() {
  const std::string text = for_registry(kMixed, R"(, "metadata": {"name": "prod", "serial": 12})");
  return {gate_of(text), subject(kReportGun + ":1", "x"), nullptr};
}

std::string mixed_policy_digest() {
  return digest_of(for_registry(kMixed, R"(, "metadata": {"name": "prod", "serial": 12})")).to_string();
}

}  // namespace

TEST_CASE("a denial is explained with every requirement, and says that nothing was stored", "[policy]") {
  const std::string x = digest_of("x").to_string();
  const std::string expected =
      "DENY  reg.example/app:1\n"
      "  resolved  " +
      x +
      " (manifest)\n"
      "  policy    prod serial 12  " +
      mixed_policy_digest() +
      "   scope docker \"reg.example\"\n"
      "  [pass] /transports/docker/reg.example/0 insecureAcceptAnything open  accepts anything\n"
      "  [FAIL] /transports/docker/reg.example/1 threshold 1 of 2 one-of-two  THRESHOLD: got 0 of 1\n"
      "           fail  reject                          REJECT: not today\n"
      "           fail  sigstoreSigned                  NOT_SUPPORTED: requirement type sigstoreSigned is not "
      "supported yet\n"
      "  [FAIL] /transports/docker/reg.example/2 reject  REJECT: Running image docker://reg.example/app:1 is rejected "
      "by policy.\n"
      "  nothing was stored.\n"
      "  next: choose an image that the policy allows, or change the policy for this scope; use a requirement that "
      "this "
      "version checks: tuf, digest, threshold, gates, reject\n";
  REQUIRE(mixed().explain() == expected);
}

TEST_CASE("a refusal says what and where, and leaves the reason to the error that follows", "[policy]") {
  const Case denied = mixed();
  const std::string text = policy::refusal(denied.gate, denied.judgement);
  REQUIRE(text ==
          "DENY  reg.example/app:1: nothing was stored\n"
          "  resolved  " +
              digest_of("x").to_string() +
              "\n"
              "  policy    prod serial 12   scope docker \"reg.example\"\n"
              "  [pass] /transports/docker/reg.example/0 insecureAcceptAnything open  accepts anything\n"
              "  [FAIL] /transports/docker/reg.example/1 threshold 1 of 2 one-of-two  THRESHOLD\n"
              "           fail  reject                          REJECT\n"
              "           fail  sigstoreSigned                  NOT_SUPPORTED\n"
              "  [FAIL] /transports/docker/reg.example/2 reject  REJECT\n");
}

TEST_CASE("what failed where it was not needed tells its reason, which no error has", "[policy]") {
  const Case denied(gate_of(for_registry(R"([{"type": "reject"}, {"type": "threshold", "k": 1, "of": [
                        {"type": "reject", "message": "not needed"}, {"type": "insecureAcceptAnything"}]}])")),
                    subject(kReportGun + ":1", "x"), nullptr);
  REQUIRE(holds(policy::refusal(denied.gate, denied.judgement), "REJECT: not needed\n"));
}

TEST_CASE("a refusal of one requirement fits eight lines of a hundred columns", "[policy]") {
  TufRepository server(kReportGun, noon());
  const Case refused(Gate(std::nullopt, true), subject(kReportGun + ":2", "x"), &server);
  const std::string error =
      "hallmark: error: " + kReportGun + ":2: " + policy::summary(refused.judgement.decision) + "\n";
  const std::string hint = "hint: " + policy::advice(refused.judgement.decision) + "\n";
  const std::string text = policy::refusal(refused.gate, refused.judgement) + error + hint;
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines += 1 + (end - begin) / 100;
    begin = end + 1;
  }
  CHECK(lines <= 8);
  // Once.
  CHECK(text.find("not signed in") == text.rfind("not signed in"));
  CHECK(text.find("ask the publisher") == text.rfind("ask the publisher"));
}

TEST_CASE("an approval is explained with what it rests on", "[policy]") {
  TufRepository server(kReportGun, noon());
  const std::string content = server.documents.at("targets").targets.at("1").content;
  Case signed_pull(Gate(std::nullopt, true), subject(kReportGun + ":1", content), &server);
  signed_pull.judgement.context.committed = true;
  const std::string text = signed_pull.explain();
  REQUIRE_THAT(text, Catch::Matchers::StartsWith("ALLOW  reg.example/app:1\n"));
  REQUIRE(holds(text, "\n  policy    none\n"));
  REQUIRE(holds(text, "\n  [pass] DOCKER_CONTENT_TRUST tuf        targets v1, expires "));
  REQUIRE(holds(text, "\n  note: first use of reg.example/app"));
  REQUIRE_THAT(text, Catch::Matchers::EndsWith("\n  stored in /var/lib/hallmark\n"));
  REQUIRE_FALSE(holds(text, "no publisher"));
}

TEST_CASE("content trust that refuses is shown under its name", "[policy]") {
  TufRepository server(kReportGun, noon());
  const Case refused(Gate(std::nullopt, true), subject(kReportGun + ":2", "x"), &server);
  REQUIRE(holds(refused.explain(),
                "\n  [FAIL] DOCKER_CONTENT_TRUST tuf        TUF_NO_TARGET: No valid trust data for 2: not signed in "
                "reg.example/app by targets/releases or targets\n"));
}

TEST_CASE("it is said when nobody was verified", "[policy]") {
  const Case open(Gate(std::nullopt, false), subject("debian", "x"), nullptr);
  const std::string text = open.explain();
  REQUIRE_THAT(text, Catch::Matchers::StartsWith("ALLOW  debian:latest\n"));
  REQUIRE_THAT(text, Catch::Matchers::EndsWith("\n  no publisher was verified.\n"));
}

TEST_CASE("an index is shown with the platforms that were chosen", "[policy]") {
  Case index(Gate(std::nullopt, false), subject(kReportGun + ":1", "x"), nullptr);
  index.judgement.context.media_type = "application/vnd.oci.image.index.v1+json";
  index.judgement.context.instances = {{"linux/amd64", digest_of("a")}, {"", digest_of("b")}};
  REQUIRE(holds(index.explain(), "\n  resolved  " + digest_of("x").to_string() + " (index) → linux/amd64 " +
                                     digest_of("a").to_string() + ", " + digest_of("b").to_string() + "\n"));
}

TEST_CASE("a name without a digest is explained too", "[policy]") {
  Case unknown(gate_of(for_registry(R"([{"type": "reject"}])")), subject(kReportGun + ":1", "x"), nullptr);
  unknown.judgement.context.digest.reset();
  unknown.judgement.decision = unknown.gate.refuse(unknown.judgement.plan, {}, noon());
  REQUIRE(holds(unknown.explain(), "\n  resolved  nothing: refused before the registry was asked\n"));
  REQUIRE(holds(unknown.record(), R"("top":null)"));
}

TEST_CASE("what could not be decided is explained as an error, and recorded as one", "[policy]") {
  TufRepository server(kReportGun, noon());
  Case unknown(Gate(std::nullopt, true), subject(kReportGun + ":1", "x"), &server);
  unknown.judgement.context.digest.reset();
  policy::Answers answers;
  answers.emplace(
      unknown.judgement.plan.questions().at(0)->key(),
      answer_with(kReportGun,
                  tuf::Outcome{
                      tuf::Refusal{tuf::Refusal::Kind::unreachable, "", "no answer", "", Fault::unavailable}, {}, {}}));
  unknown.judgement.decision = unknown.gate.refuse(unknown.judgement.plan, answers, noon());
  REQUIRE_THAT(unknown.explain(), Catch::Matchers::StartsWith("ERROR  reg.example/app:1\n"));
  REQUIRE(holds(unknown.explain(), "\n  [error] DOCKER_CONTENT_TRUST tuf "));
  REQUIRE_FALSE(holds(unknown.explain(), "refused"));
  REQUIRE(holds(unknown.record(), R"("decision":"error")"));
}

TEST_CASE("what is not known is null in a record", "[policy]") {
  Case open(Gate(std::nullopt, false), subject(kReportGun + ":1", "x"), nullptr);
  open.judgement.context.instances = {{"", digest_of("b")}};
  open.judgement.context.is_nameless = true;
  REQUIRE(holds(open.record(), R"("subject":{"asked":null,)"));
  REQUIRE(holds(open.record(), R"("instances":[{"platform":null,"manifest":)"));
}

TEST_CASE("the scope of the default is called default", "[policy]") {
  const Case other(gate_of(native("")), subject("other.example/a:1", "x"), nullptr);
  REQUIRE(holds(other.explain(), "   scope default\n"));
  REQUIRE(holds(other.explain(), "  policy    /etc/policy.json  sha256:"));
  REQUIRE(holds(other.explain(), "  [FAIL] /default/0 reject "));
  REQUIRE(holds(other.record(), R"("scope":{"transport":null,"matched":"default","tried":[]})"));
}

TEST_CASE("the summary has the reasons, refusals before what could not be decided", "[policy]") {
  REQUIRE(
      policy::summary(mixed().judgement.decision) ==
      "threshold 1 of 2 one-of-two: got 0 of 1: not today (REJECT); requirement type sigstoreSigned is not supported "
      "yet (NOT_SUPPORTED) (THRESHOLD); Running image docker://reg.example/app:1 is rejected by policy. (REJECT)");
  TufRepository server(kReportGun, noon());
  server.answers["root"] = unreachable();
  const Case both(
      Gate(parsed(for_registry(R"([{"type": "threshold", "k": 1, "of": [{"type": "reject", "message": "no"}]}])")),
           true),
      subject(kReportGun + ":1", "x"), &server);
  REQUIRE_THAT(policy::summary(both.judgement.decision),
               Catch::Matchers::StartsWith("threshold 1 of 1: got 0 of 1: no (REJECT)"));
  REQUIRE_THAT(policy::summary(both.judgement.decision), Catch::Matchers::EndsWith("(TUF_UNREACHABLE)"));
}

TEST_CASE("an approval has no reasons and no advice", "[policy]") {
  const Case open(Gate(std::nullopt, false), subject("debian", "x"), nullptr);
  REQUIRE(policy::summary(open.judgement.decision).empty());
  REQUIRE(policy::advice(open.judgement.decision).empty());
}

TEST_CASE("the record of a denial has all that was asked and found", "[policy]") {
  const std::string expected =
      R"({"schema":"urn:hallmark:decision:1","id":"7c1f","time":"2026-11-24T12:00:00Z",)"
      R"("tool":{"name":"hallmark","version":"0.1.0"},"operation":"pull","policy":{"path":"/etc/policy.json","sha256":")" +
      mixed_policy_digest().substr(7) + R"(","name":"prod","serial":12,"dialect":"hallmark","files":[]},)" +
      R"("subject":{"asked":"reg.example/app:1","transport":"docker","top":{"mediaType":)" +
      R"("application/vnd.oci.image.manifest.v1+json","digest":")" + digest_of("x").to_string() +
      R"(","size":1},"instances":[]},"archive":null,"scope":{"transport":"docker","matched":"reg.example","tried":)" +
      R"(["reg.example/app:1","reg.example/app","reg.example"]},"requirements":[)" +
      R"({"path":"/transports/docker/reg.example/0","id":"open","type":"insecureAcceptAnything","result":"pass",)" +
      R"("detail":"accepts anything"},)" +
      R"({"path":"/transports/docker/reg.example/1","id":"one-of-two","type":"threshold","result":"fail",)" +
      R"("code":"THRESHOLD","detail":"got 0 of 1","need":1,"got":0,"children":[)" +
      R"({"path":"/transports/docker/reg.example/1/of/0","type":"reject","result":"fail","code":"REJECT",)" +
      R"("detail":"not today"},{"path":"/transports/docker/reg.example/1/of/1","type":"sigstoreSigned",)" +
      R"("result":"fail","code":"NOT_SUPPORTED","detail":"requirement type sigstoreSigned is not supported yet"}]},)" +
      R"({"path":"/transports/docker/reg.example/2","type":"reject","result":"fail","code":"REJECT",)" +
      R"("detail":"Running image docker://reg.example/app:1 is rejected by policy."}],)" +
      R"("freshness":{"mode":"strict","now":"2026-11-24T12:00:00Z","bundleTime":null,"highWater":null,)"
      R"("bundleSigners":[],"tuf":[],"warnings":[]},)" +
      R"("exceptions":[],"breakGlass":null,"decision":"deny","codes":["THRESHOLD","REJECT"],)" +
      R"("publisherVerified":false,"committed":false,"store":{"path":"/var/lib/hallmark"}})";
  REQUIRE(mixed().record() == expected);
}

TEST_CASE("the record of signed data names root, roles and target", "[policy]") {
  TufRepository server(kReportGun, noon());
  const std::string content = server.documents.at("targets").targets.at("1").content;
  const Case signed_pull(Gate(std::nullopt, true), subject(kReportGun + ":1", content), &server);
  const std::string text = signed_pull.record();
  const json::Value document = json::parse("record", view_of(text));
  const json::Object& record = document.object();
  REQUIRE(record.at("decision").string() == "allow");
  REQUIRE(record.at("publisherVerified").boolean());
  REQUIRE(record.at("policy").is_null());
  const json::Object& requirement = record.at("requirements").array().at(0).object();
  REQUIRE(requirement.at("path").string() == "DOCKER_CONTENT_TRUST");
  const json::Object& evidence = requirement.at("evidence").array().at(0).object();
  REQUIRE(evidence.at("gun").string() == kReportGun);
  REQUIRE(evidence.at("rootVersion").integer() == 1);
  REQUIRE(evidence.at("rootKeyIds").array().at(0).string() == server.rings.at("root").keys.at(0).id());
  REQUIRE(evidence.at("firstUse").boolean());
  REQUIRE(evidence.at("target").object().at("role").string() == "targets");
  REQUIRE(evidence.at("target").object().at("digest").string() == digest_of(content).to_string());
  const json::Array& roles = record.at("freshness").object().at("tuf").array();
  REQUIRE(roles.size() == 4);
  REQUIRE(roles.at(0).object().at("role").string() == "root");
  REQUIRE(roles.at(0).object().at("seen").integer() == 1);
  REQUIRE(record.at("freshness").object().at("warnings").array().size() == 1);
}

TEST_CASE("the record tells an error from a denial, and what the trust data was refused for", "[policy]") {
  TufRepository server(kReportGun, noon());
  server.answers["root"] = unreachable();
  const Case unknown(Gate(std::nullopt, true), subject(kReportGun + ":1", "x"), &server);
  REQUIRE(holds(unknown.record(), R"("decision":"error","codes":["TUF_UNREACHABLE"])"));
  REQUIRE(holds(unknown.record(), R"("refused":"unreachable")"));
}

TEST_CASE("the record names the files that the policy read", "[policy]") {
  const Files files{{"/etc/ca.crt", "-----BEGIN CERTIFICATE-----\n"}};
  const std::string text = for_registry(R"([{"type": "reject"}])",
                                        R"(, "stores": {"dct": {"kind": "tuf", "caFile": "/etc/ca.crt", "pins": [{"gun":
      "reg.example/*", "rootKeyIds": [")" + std::string(64, 'a') +
                                            R"("]}]}})");
  const Case with_file(Gate(parsed(text, files), false), subject(kReportGun + ":1", "x"), nullptr);
  REQUIRE(holds(with_file.record(),
                R"("files":[{"path":"/etc/ca.crt","sha256":")" + digest_of(files.at("/etc/ca.crt")).hex() + "\"}]"));
}

TEST_CASE("every code is explained in the guide", "[policy]") {
  std::ifstream file(std::string(HALLMARK_VECTORS) + "/../../docs/policy.md", std::ios::binary);
  const std::string guide{std::istreambuf_iterator<char>(file), {}};
  for (const trust::Code& code : policy::all_codes()) {
    INFO(code.word);
    CHECK(holds(guide, "\n| `" + std::string(code.word) + "` |"));
    CHECK_FALSE(code.hint.empty());
  }
}

TEST_CASE("every refusal of trust data has a code in the guide", "[policy]") {
  using Kind = tuf::Refusal::Kind;
  for (int number = 0; number <= static_cast<int>(Kind::too_much_trust_data); ++number) {
    const auto kind = static_cast<Kind>(number);
    INFO(tuf::word_of(kind));
    const Gate gate(std::nullopt, true);
    const policy::Plan plan = gate.plan(Reference::parse(kReportGun + ":1"));
    policy::Answers answers;
    answers.emplace(plan.questions().at(0)->key(),
                    answer_with(kReportGun, tuf::Outcome{tuf::Refusal{kind, "targets", "detail", ""}, {}, {}}));
    const Decision decision = gate.refuse(plan, answers, noon());
    const std::string& found = decision.findings.at(0).code;
    const std::vector<trust::Code> codes = policy::all_codes();
    CHECK(std::any_of(codes.begin(), codes.end(), [&found](const trust::Code& code) { return code.word == found; }));
    CHECK_FALSE(decision.findings.at(0).hint.empty());
  }
}

TEST_CASE("what comes after a decision takes its approval back, with the word of the error", "[policy]") {
  struct Expected {
    Error error;
    const char* code;
    const char* word;
  };
  for (const Expected& expected :
       {Expected{{Fault::refused, ErrorCode{"SIZE_UNCOMPRESSED", ErrorCode::Place::behind}, "it inflates to 9 bytes"},
                 "SIZE_UNCOMPRESSED",
                 "deny"},
        Expected{{Fault::corrupt, ErrorCode{"E_BLOB_DIGEST"}, "expected a, found b"}, "E_BLOB_DIGEST", "error"},
        // No message is taken for a code, whoever it comes from.
        Expected{{Fault::refused, "the registry says no (SIZE_UNCOMPRESSED)"}, "E_REFUSED", "deny"},
        Expected{{Fault::refused, "E_BLOB_DIGEST: all is well"}, "E_REFUSED", "deny"},
        Expected{{Fault::local, "no room (on the disk)"}, "E_LOCAL", "error"},
        Expected{{Fault::usage, "x"}, "E_USAGE", "error"}, Expected{{Fault::refused, "x"}, "E_REFUSED", "deny"},
        Expected{{Fault::corrupt, "x"}, "E_CORRUPT", "error"}, Expected{{Fault::missing, "x"}, "E_NOT_FOUND", "error"},
        Expected{{Fault::unauthorized, "x"}, "E_CREDENTIALS", "error"},
        Expected{{Fault::unavailable, "x"}, "E_NETWORK", "error"}}) {
    INFO(expected.error.what());
    Case open(Gate(std::nullopt, false), subject("debian", "x"), nullptr);
    REQUIRE(open.judgement.decision.approval);
    policy::revoke(open.judgement.decision, expected.error);
    CHECK_FALSE(open.judgement.decision.approval);
    CHECK(open.judgement.decision.findings.back().code == expected.code);
    CHECK(open.judgement.decision.fault == expected.error.fault());
    CHECK(holds(open.record(), R"("decision":")" + std::string(expected.word) + "\""));
  }
}
