// SPDX-License-Identifier: Apache-2.0
#include "tests/policy/policies.h"
#include "tests/support/catch.h"
#include "trust/tuf/policy/store.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

const std::string kKeyId(64, 'a');

std::string store(const std::string& members) { return R"(, "stores": {"dct": {"kind": "tuf", )" + members + "}}"; }

std::string pins(const std::string& pin) { return R"("pins": [{)" + pin + "}]"; }

std::string good_pins() { return pins(R"("gun": "reg.example/*", "rootKeyIds": [")" + kKeyId + "\"]"); }

/// A policy with a good store and one list of requirements.
std::string with_store(const std::string& requirements) { return for_registry(requirements, store(good_pins())); }

std::string refusal(const std::string& policy) {
  return message_of([&] { parsed(policy); });
}

}  // namespace

TEST_CASE("a native policy of six lines is enough", "[policy]") {
  const policy::Policy policy = parsed(with_store(R"([{"type": "tuf", "store": "dct"}])"));
  const auto& dct = dynamic_cast<const tuf::Store&>(*policy.stores().at("dct"));
  REQUIRE(dct.roles == std::vector<std::string>{"targets/releases", "targets"});
  REQUIRE(dct.pins.at(0).anchor.root_key_ids == std::vector<std::string>{kKeyId});
  REQUIRE_FALSE(dct.server);
  const policy::Requirement& requirement = policy.transports().at("docker").at("reg.example").at(0);
  REQUIRE(requirement.type == policy::Requirement::Type::system);
  REQUIRE(requirement.store == "dct");
  REQUIRE(requirement.pointer == "/transports/docker/reg.example/0");
  REQUIRE(policy.remarks().size() == 1);  // about its prefix pin
}

TEST_CASE("pointers escape the slashes of a scope", "[policy]") {
  const policy::Policy policy =
      parsed(native(R"(, "transports": {"docker": {"reg.example/a": [{"type": "reject"}]}})"));
  REQUIRE(policy.transports().at("docker").at("reg.example/a").at(0).pointer == "/transports/docker/reg.example~1a/0");
}

TEST_CASE("what the schema has and this version does not is named and never ignored", "[policy]") {
  for (const char* member : {R"("limits": {"maxEntries": 1})", R"("limits": {})"}) {
    INFO(member);
    const std::string policy = native(std::string(", ") + member);
    REQUIRE_FAULT(parsed(policy), Fault::usage);
    REQUIRE_THAT(refusal(policy), Catch::Matchers::EndsWith("is not supported yet"));
  }
  for (const char* type : {"sigstore", "notation", "attestation"}) {
    const std::string policy = for_registry(std::string(R"([{"type": ")") + type + R"(", "store": "x"}])");
    REQUIRE_FAULT(parsed(policy), Fault::usage);
    REQUIRE_THAT(refusal(policy),
                 Catch::Matchers::EndsWith(std::string("requirement type \"") + type + "\" is not supported yet"));
  }
  for (const char* requirement :
       {R"({"type": "signedBy", "store": "x"})",
        R"({"type": "sigstoreSigned", "keyPath": "/k", "signedIdentity": {"type": "unbound"}})"}) {
    INFO(requirement);
    REQUIRE_THAT(refusal(for_registry(std::string("[") + requirement + "]")),
                 Catch::Matchers::EndsWith("is not supported yet"));
  }
  for (const char* kind : {"fulcio", "notation", "gpg", "pki"}) {
    const std::string policy = native(std::string(R"(, "stores": {"x": {"kind": ")") + kind + R"(", "key": {}}})");
    REQUIRE_FAULT(parsed(policy), Fault::usage);
    REQUIRE_THAT(refusal(policy), Catch::Matchers::EndsWith("is not supported yet"));
  }
}

TEST_CASE("the requirements of another dialect load in a native policy and never pass", "[policy]") {
  const std::string requirement =
      GENERATE(as<std::string>{}, R"({"type": "signedBy", "id": "gpg", "keyType": "GPGKeys", "keyPath": "/k"})",
               R"({"type": "sigstoreSigned", "id": "cosign", "keyPath": "/k"})");
  const policy::Decision decision =
      decide(gate_of(for_registry("[" + requirement + "]")), subject("reg.example/a:1", "x"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.findings.at(0).code == "NOT_SUPPORTED");
  REQUIRE_FALSE(decision.findings.at(0).id.empty());
}

TEST_CASE("a native policy refuses what it does not know or cannot mean", "[policy]") {
  const std::string policy = GENERATE(
      as<std::string>{}, R"({"hallmark": 2, "default": [{"type": "reject"}]})",
      R"({"hallmark": 1.0, "default": [{"type": "reject"}]})", R"({"hallmark": "1", "default": [{"type": "reject"}]})",
      R"({"hallmark": 1})", native(R"(, "x": 1)"), native(R"(, "Transports": {})"), R"({"hallmark": 1, "default": []})",
      R"({"hallmark": 1, "default": null})", R"({"hallmark": 1, "default": [null]})",
      R"({"hallmark": 1, "default": {"type": "reject"}})", native(R"(, "transports": null)"),
      native(R"(, "transports": {"docker": []})"), native(R"(, "transports": {"docker": {"reg.example": []}})"),
      for_registry(R"([{"type": "reject", "x": 1}])"), for_registry(R"([{"type": "reject", "message": 1}])"),
      for_registry(R"([{"type": "nope"}])"), for_registry(R"([{}])"), for_registry(R"(["reject"])"),
      for_registry(R"([{"type": "reject", "id": "Upper"}])"), for_registry(R"([{"type": "reject", "id": ""}])"),
      for_registry(R"([{"type": "reject", "id": "-a"}])"),
      for_registry(R"([{"type": "reject", "id": ")" + std::string(65, 'a') + "\"}]"),
      for_registry(R"([{"type": "insecureAcceptAnything", "message": "x"}])"),
      for_registry(R"([{"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}}])"),
      for_registry(R"([{"type": "signedBy", "keyType": "X509Certificates", "keyPath": "/k"}])"),
      for_registry(R"([{"type": "signedBy", "keyType": "GPGKeys", "keyPaths": []}])"),
      for_registry(R"([{"type": "signedBy", "store": "x"}])"),
      for_registry(R"([{"type": "sigstoreSigned", "keyPath": "/k", "signedIdentity": {"type": "unbound"}}])"));
  INFO(policy);
  REQUIRE_FAULT(parsed(policy), Fault::usage);
}

TEST_CASE("a refusal to load says where in the file the fault is", "[policy]") {
  REQUIRE(refusal(for_registry(R"([{"type": "reject"}, {"type": "reject", "x": 1}])")) ==
          R"(invalid policy in "/etc/policy.json": /transports/docker/reg.example/1: Unknown key "x")");
  REQUIRE(refusal(native(store(pins(R"("gun": "reg.example/*")")))) ==
          R"(invalid policy in "/etc/policy.json": /stores/dct/pins/0: a pin needs rootKeyIds or root)");
}

TEST_CASE("a slip in a policy is told with what was meant and what may stand there", "[policy]") {
  const auto hint = [](const std::string& policy) {
    try {
      parsed(policy);
    } catch (const Error& error) {
      return error.hint();
    }
    return std::string("it loads");
  };
  CHECK(hint(native(R"(, "freshness": {"maxBundelAge": "P3D"})"))
            .starts_with("did you mean \"maxBundleAge\"? expected one of mode, maxBundleAge, "));
  CHECK(hint(for_registry(R"([{"type": "tresholt"}])"))
            .starts_with("did you mean \"threshold\"? expected one of audit, "));
  CHECK(hint(native(R"(, "stores": {"x": {"kind": "tuff", "pins": []}})")) ==
        "did you mean \"tuf\"? expected one of key, tuf");
  CHECK(hint(for_registry(R"([{"type": "tuf", "store": "dtc"}])",
                          store(pins(R"("gun": "reg.example/a", "rootKeyIds": [")" + std::string(64, 'a') + "\"]"))))
            .starts_with("did you mean \"dct\"?"));
  CHECK(holds(hint(native(R"(, "breakGlass": {"allow": true, "waivable": ["nonRoot"]})")),
              "expected one of age, config, size, platform, mediaType, reference"));
  CHECK(holds(
      hint(for_registry(R"([{"type": "tuf", "store": "dct", "roles": ["targets/alice"]}])",
                        store(pins(R"("gun": "reg.example/a", "rootKeyIds": [")" + std::string(64, 'a') + "\"]")))),
      "add the role to \"roles\" of the store"));
}

TEST_CASE("times are asked for with an example, whatever is wrong with them", "[policy]") {
  for (const char* until : {"2026-12-15", "soon", "2026-12-15T00:00:00+01:00", "2026-13-15T00:00:00Z"}) {
    const std::string policy = for_registry(R"([{"type": "audit", "requirements": [{"type": "reject"}], "until": ")" +
                                            std::string(until) + "\"}]");
    CHECK(holds(refusal(policy),
                "until: a time is written like 2027-06-30T00:00:00Z, found \"" + std::string(until) + "\""));
  }
  CHECK(holds(refusal(native(R"(, "metadata": {"expires": "2026-12-15"})")), "expires: a time is written like "));
}

TEST_CASE("JSON that cannot be read is told by line and column", "[policy]") {
  CHECK(holds(refusal("{\"hallmark\": 1,\n \"default\" [\n"), "policy: not JSON at line 2, column 12: "));
}

TEST_CASE("what can never pass, or says nothing, is remarked on", "[policy]") {
  const std::string ids = R"("rootKeyIds": [")" + std::string(64, 'a') + "\"]";
  const std::string stores = store(pins(R"("gun": "reg.example/app", )" + ids));
  const auto remarks = [](const std::string& policy) {
    std::string all;
    const policy::Policy read = parsed(policy);
    for (const std::string& remark : read.remarks()) all += remark + "\n";
    return all;
  };
  const std::string three = R"([{"type": "tuf", "store": "dct", "roles": ["targets"]},
                                {"type": "tuf", "store": "dct", "roles": ["targets/releases"]}, {"type": "reject"}])";
  const auto threshold = [&](const std::string& k, const std::string& more = "") {
    return for_registry(R"([{"type": "threshold", "k": )" + k + R"(, "of": )" + three + more + "}]", stores);
  };
  CHECK_FALSE(holds(remarks(threshold("1")), "never passes"));
  CHECK(holds(remarks(threshold("2")),
              "/transports/docker/reg.example/0: it never passes: of 3 branches 1 can count, and k is "
              "2; \"distinct\": \"signer\" counts those with the same keys once"));
  CHECK_FALSE(holds(remarks(threshold("2", R"(, "distinct": "requirement")")), "never passes"));
  CHECK(holds(remarks(threshold("3", R"(, "distinct": "requirement")")), "of 3 branches 2 can count, and k is 3\n"));
  CHECK(holds(
      remarks(native(stores + R"(, "transports": {"docker": {"reg.example/other": [{"type": "tuf", "store": "dct"}],
                                          "reg.example": [{"type": "tuf", "store": "dct"}]}})")),
      "/transports/docker/reg.example~1other/0: it never passes: store \"dct\" has no pin for a name in it\n"));
  CHECK(holds(remarks(for_registry(R"([{"type": "insecureAcceptAnything"}])", R"(, "requirePublisher": true)")),
              "/transports/docker/reg.example/0: \"requirePublisher\" refuses all that this list admits"));
}

TEST_CASE("what a policy says of itself is checked", "[policy]") {
  const std::string metadata =
      GENERATE(as<std::string>{}, R"({"name": ""})", R"({"serial": -1})", R"({"serial": 1.5})",
               R"({"expires": "soon"})", R"({"expires": "2027-06-30T00:00:00+02:00"})",
               R"({"expires": "2027-06-30T00:00:00.5Z"})", R"({"comment": 1})", R"({"owner": "x"})", "[]");
  INFO(metadata);
  REQUIRE_FAULT(parsed(native(R"(, "metadata": )" + metadata)), Fault::usage);
}

TEST_CASE("a native default that accepts anything is refused", "[policy]") {
  const std::string list =
      GENERATE(as<std::string>{}, R"([{"type": "insecureAcceptAnything"}])",
               R"([{"type": "insecureAcceptAnything"}, {"type": "insecureAcceptAnything"}])",
               R"([{"type": "threshold", "k": 1, "of": [{"type": "reject"}, {"type": "insecureAcceptAnything"}]}])",
               R"([{"type": "threshold", "k": 2, "distinct": "requirement",
           "of": [{"type": "insecureAcceptAnything"}, {"type": "insecureAcceptAnything"}]}])");
  INFO(list);
  REQUIRE_FAULT(parsed(R"({"hallmark": 1, "default": )" + list + "}"), Fault::usage);
}

TEST_CASE("a native default that asks for something beside accepting anything is taken", "[policy]") {
  REQUIRE_NOTHROW(parsed(R"({"hallmark": 1, "default": [{"type": "insecureAcceptAnything"}, {"type": "reject"}]})"));
  REQUIRE_NOTHROW(parsed(R"({"hallmark": 1, "default": [{"type": "threshold", "k": 2, "of":
                            [{"type": "insecureAcceptAnything"}, {"type": "reject"}]}]})"));
}

TEST_CASE("an open list for docker is taken and remarked on", "[policy]") {
  const policy::Policy policy =
      parsed(native(R"(, "transports": {"docker": {"": [{"type": "insecureAcceptAnything"}]}})"));
  REQUIRE(policy.remarks().size() == 1);
}

TEST_CASE("a threshold counts at least one branch and at most all", "[policy]") {
  const auto threshold = [](const std::string& members) {
    return for_registry(R"([{"type": "threshold", )" + members + "}]");
  };
  REQUIRE_NOTHROW(parsed(threshold(R"("k": 1, "of": [{"type": "reject"}])")));
  REQUIRE_NOTHROW(parsed(threshold(R"("k": 1, "distinct": "requirement", "of": [{"type": "reject"}])")));
  for (const char* members :
       {R"("k": 0, "of": [{"type": "reject"}])", R"("k": 2, "of": [{"type": "reject"}])",
        R"("k": -1, "of": [{"type": "reject"}])", R"("k": 1, "of": [])", R"("k": 1)", R"("of": [{"type": "reject"}])",
        R"("k": 1, "of": [{"type": "reject"}], "distinct": "signers")", R"("k": 1, "of": {"type": "reject"})",
        R"("k": 1, "of": [{"type": "nope"}])"}) {
    INFO(members);
    REQUIRE_FAULT(parsed(threshold(members)), Fault::usage);
  }
}

TEST_CASE("a digest requirement lists whole digests", "[policy]") {
  REQUIRE_NOTHROW(parsed(for_registry(R"([{"type": "digest", "allow": [")" + digest_of("x").to_string() + "\"]}]")));
  for (const char* allow : {"[]", R"(["sha256:00"])", R"("sha256:00")", R"(["md5:00"])", "[1]"}) {
    INFO(allow);
    REQUIRE_FAULT(parsed(for_registry(std::string(R"([{"type": "digest", "allow": )") + allow + "}]")), Fault::usage);
  }
}

TEST_CASE("a tuf requirement names a store, and of its roles only some", "[policy]") {
  REQUIRE_NOTHROW(parsed(with_store(R"([{"type": "tuf", "store": "dct", "id": "a", "roles": ["targets"],
                                        "gun": "reg.example/other", "tagRequired": true}])")));
  for (const char* requirement :
       {R"({"type": "tuf"})", R"({"type": "tuf", "store": "other"})", R"({"type": "tuf", "store": ["dct"]})",
        R"({"type": "tuf", "store": "dct", "roles": []})", R"({"type": "tuf", "store": "dct", "roles": ["root"]})",
        R"({"type": "tuf", "store": "dct", "roles": ["targets/alice"]})",
        R"({"type": "tuf", "store": "dct", "gun": "elsewhere.example/a"})",
        R"({"type": "tuf", "store": "dct", "gun": "reg.example/a:1"})",
        R"({"type": "tuf", "store": "dct", "gun": "REG.example/a"})",
        R"({"type": "tuf", "store": "dct", "tagRequired": "yes"})", R"({"type": "tuf", "store": "dct", "k": 1})"}) {
    INFO(requirement);
    REQUIRE_FAULT(parsed(with_store(std::string("[") + requirement + "]")), Fault::usage);
  }
}

TEST_CASE("a store that nothing uses is remarked on", "[policy]") {
  const policy::Policy policy = parsed(with_store(R"([{"type": "reject"}])"));
  REQUIRE(policy.remarks().back() == "/stores/dct: no requirement uses it");
}
