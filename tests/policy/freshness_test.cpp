// SPDX-License-Identifier: Apache-2.0
#include "policy/bundle_time.h"
#include "tests/policy/policies.h"
#include "tests/support/catch.h"
#include "trust/crypto/dsse_signature.h"
#include "trust/crypto/key_file.h"

using namespace hallmark;
using namespace hallmark::policy;
using namespace hallmark::test;
using crypto::SecretKey;

namespace {

const SecretKey& courier() {
  static const SecretKey key = SecretKey::generate_ecdsa();
  return key;
}

std::string with_freshness(const std::string& freshness, const std::string& validity = "") {
  return native(R"(, "stores": {"courier": {"kind": "key", "key": {"path": "/k.pub"})" + validity +
                R"(}}, "freshness": )" + freshness);
}

policy::Policy fresh(const std::string& freshness, const std::string& validity = "") {
  static const Files files{{"/k.pub", crypto::write_public_key_file(courier().public_key(), "courier")}};
  return parsed(with_freshness(freshness, validity), files);
}

const std::string kBundleTime = R"({"mode": "bundleTime", "maxBundleAge": "P30D", "bundleSigners": "courier"})";

dsse::Envelope packed_at(const std::string& time, const SecretKey& key = courier()) {
  const std::string created = time.empty() ? "" : R"("created":")" + time + "\"";
  dsse::Envelope envelope{
      std::string(dsse::kInTotoType),
      bytes_of(R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"urn:hallmark:bundle:v1",)"
               R"("predicate":{)" +
               created + "}}"),
      {}};
  crypto::sign(envelope, key, "k");
  return envelope;
}

BundleTime judged(const std::string& freshness, const std::optional<dsse::Envelope>& statement,
                  const ClockMemory& before = {}, const std::string& validity = "") {
  return Gate(fresh(freshness, validity), false).judge_bundle(statement, before, noon());
}

std::string code_of(const BundleTime& time) { return time.findings().empty() ? "" : time.findings().front().code; }

}  // namespace

TEST_CASE("a bundle that a trusted key signed in time counts from when it was packed", "[policy]") {
  const BundleTime time = judged(kBundleTime, packed_at("2026-11-20T08:00:00Z"));
  REQUIRE(code_of(time).empty());
  REQUIRE(time.findings().front().result == Result::pass);
  REQUIRE(time.at() == parse_time("2026-11-20T08:00:00Z"));
  REQUIRE(time.learned().high_water == noon());
  REQUIRE(time.learned().seen.size() == 1);
}

TEST_CASE("each reason not to believe a bundle's time has its code, and then now is what counts", "[policy]") {
  const auto refused = [](const BundleTime& time) {
    REQUIRE(time.at() == noon());
    REQUIRE(time.learned().seen.empty());
    return code_of(time);
  };
  REQUIRE(refused(judged(kBundleTime, std::nullopt)) == "BUNDLE_UNSIGNED");
  REQUIRE(refused(judged(kBundleTime, packed_at("2026-11-20T08:00:00Z", SecretKey::generate_ecdsa()))) ==
          "BUNDLE_OTHER_SIGNER");
  REQUIRE(refused(judged(kBundleTime, packed_at(""))) == "BUNDLE_UNDATED");
  REQUIRE(refused(judged(kBundleTime, packed_at("2026-11-24T12:05:01Z"))) == "BUNDLE_FUTURE");
  REQUIRE(refused(judged(kBundleTime, packed_at("2026-10-25T11:59:59Z"))) == "BUNDLE_TOO_OLD");
  const dsse::Envelope good = packed_at("2026-11-20T08:00:00Z");
  for (const char* validity :
       {R"(, "validity": {"notAfter": "2026-11-24T12:00:00Z"})",
        R"(, "validity": {"notBefore": "2026-11-21T00:00:00Z"})", R"(, "validity": {"distrusted": true})"}) {
    REQUIRE(refused(judged(kBundleTime, good, {}, validity)) == "BUNDLE_KEY_NOT_VALID");
  }
}

TEST_CASE("the limits themselves are still within", "[policy]") {
  REQUIRE(code_of(judged(kBundleTime, packed_at("2026-11-24T12:05:00Z"))).empty());
  REQUIRE(code_of(judged(kBundleTime, packed_at("2026-10-25T12:00:00Z"))).empty());
}

TEST_CASE("an older bundle of a signer is a rollback, the same one is not, and is on no way any more", "[policy]") {
  const dsse::Envelope bundle = packed_at("2026-11-20T08:00:00Z");
  const ClockMemory before = judged(kBundleTime, bundle).learned();
  REQUIRE(code_of(judged(kBundleTime, bundle, before)).empty());
  REQUIRE(code_of(judged(kBundleTime, packed_at("2026-11-20T07:59:59Z"), before)) == "BUNDLE_ROLLBACK");
  const std::string transit =
      R"({"mode": "bundleTime", "maxBundleAge": "P30D", "maxTransit": "P1D", "bundleSigners": "courier"})";
  REQUIRE(code_of(judged(transit, bundle)) == "BUNDLE_IN_TRANSIT");
  REQUIRE(code_of(judged(transit, bundle, before)).empty());
}

TEST_CASE("a clock behind what was certain is refused in every mode, and the memory never goes back", "[policy]") {
  const ClockMemory before{noon() + std::chrono::minutes(5) + std::chrono::seconds(1), {}};
  REQUIRE(code_of(judged(kBundleTime, packed_at("2026-11-20T08:00:00Z"), before)) == "CLOCK");
  REQUIRE(code_of(judged(R"({"mode": "strict"})", std::nullopt, before)) == "CLOCK");
  REQUIRE(code_of(Gate(std::nullopt, false).judge_bundle(std::nullopt, before, noon())) == "CLOCK");
  REQUIRE(code_of(judged(R"({"clockSkew": "PT10M"})", std::nullopt, before)).empty());
  REQUIRE(judged(R"({"mode": "strict"})", std::nullopt, before).learned().high_water == before.high_water);
}

TEST_CASE("what was found of a bundle's time decides with the rest", "[policy]") {
  const Gate gate(std::nullopt, false);
  const Subject image = subject("reg.example/a:1", "manifest");
  const Plan plan = gate.plan(image.name);
  REQUIRE(gate.decide(plan, image, {}, gate.judge_bundle(std::nullopt, {}, noon())).approval);
  const ClockMemory ahead{noon() + std::chrono::hours(1), {}};
  const Decision decision = gate.decide(plan, image, {}, gate.judge_bundle(std::nullopt, ahead, noon()));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.fault == Fault::refused);
}

TEST_CASE("a name of a bundle that no digest could save is refused with the time and the advice of bundles",
          "[policy]") {
  const Gate gate = gate_of(for_registry(R"([{"type": "gates", "reference": {"requireDigest": true}}])"));
  const Plan plan = gate.plan(Reference::parse("reg.example/a:1"));
  const ClockMemory ahead{noon() + std::chrono::hours(1), {}};
  const Decision decision = gate.refuse(plan, {}, gate.judge_bundle(std::nullopt, ahead, noon()));
  CHECK(code_of(gate.judge_bundle(std::nullopt, ahead, noon())) == "CLOCK");
  CHECK(decision.findings.front().code == "CLOCK");
  CHECK(holds(decision.findings.back().children.at(0).hint, "hallmark save NAME@DIGEST"));
}

TEST_CASE("strict mode may ask for a signature as well, and still compares with now", "[policy]") {
  const std::string strict = R"({"requireBundleSignature": true, "bundleSigners": ["courier"], "maxBundleAge": "P9D"})";
  REQUIRE(code_of(judged(strict, std::nullopt)) == "BUNDLE_UNSIGNED");
  REQUIRE(judged(strict, packed_at("2026-11-20T08:00:00Z")).at() == noon());
  REQUIRE(code_of(judged(strict, packed_at("2026-11-10T08:00:00Z"))) == "BUNDLE_TOO_OLD");
}

TEST_CASE("a freshness that is wrong, in vain, or leaves a hole does not load", "[policy]") {
  for (const char* wrong :
       {R"({"mode": "lax"})", R"({"more": 1})", R"({"mode": "bundleTime", "bundleSigners": "courier"})",
        R"({"mode": "bundleTime", "maxBundleAge": "P1D"})", R"({"requireBundleSignature": true})",
        R"({"mode": "bundleTime", "maxBundleAge": "P1D", "bundleSigners": "courier", "requireBundleSignature": false})",
        R"({"mode": "bundleTime", "maxBundleAge": "P1M", "bundleSigners": "courier"})",
        R"({"mode": "bundleTime", "maxBundleAge": "P1D", "bundleSigners": "nobody"})",
        R"({"mode": "bundleTime", "maxBundleAge": "P1D", "bundleSigners": []})",
        R"({"mode": "bundleTime", "maxBundleAge": "P1D", "bundleSigners": ["courier", "courier"]})",
        R"({"maxBundleAge": "P1D"})", R"({"bundleSigners": "courier"})", R"({"clockSkew": 5})", R"({"state": "here"})",
        R"({"state": "/a/../b"})"}) {
    INFO(wrong);
    REQUIRE_FAULT(fresh(wrong), Fault::usage);
  }
}

TEST_CASE("a key store that is no key, or another one than its hash says, does not load", "[policy]") {
  const auto store = [](const std::string& members) {
    return native(R"(, "stores": {"courier": {"kind": "key", )" + members + "}}");
  };
  const Files files{{"/k.pub", "no key"}, {"/good.pub", crypto::write_public_key_file(courier().public_key(), "c")}};
  const std::string good = R"("key": {"path": "/good.pub"})";
  REQUIRE(parsed(store(good), files).keys().size() == 1);
  for (const std::string& wrong :
       {std::string(R"("key": {"path": "/k.pub"})"), std::string(R"("key": {"path": "/none"})"),
        R"("key": {"path": "/good.pub", "sha256": ")" + std::string(64, '0') + "\"}", good + R"(, "hash": "sha512")",
        good + R"(, "validity": {"notAfter": "soon"})", good + R"(, "pins": [])", std::string(R"("hash": "sha256")")}) {
    INFO(wrong);
    REQUIRE_FAULT(parsed(store(wrong), files), Fault::usage);
  }
  const std::string tuf = store(good);
  REQUIRE_FAULT(parsed(tuf.substr(0, tuf.size() - 1) +
                           R"(, "transports": {"docker": {"reg.example": [{"type": "tuf", "store": "courier"}]}}})",
                       files),
                Fault::usage);
}

TEST_CASE("a way that may take longer than a bundle's age is remarked on", "[policy]") {
  const auto remarks = [](const std::string& transit) {
    return fresh(R"({"mode": "bundleTime", "maxBundleAge": "P30D", "maxTransit": ")" + transit +
                 R"(", "bundleSigners": "courier"})")
        .remarks();
  };
  CHECK(remarks("P30D").empty());
  CHECK(remarks("P31D") ==
        std::vector<std::string>{"/freshness/maxTransit: it is longer than maxBundleAge, and never refuses anything"});
}
