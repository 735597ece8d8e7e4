// SPDX-License-Identifier: Apache-2.0
#include "policy/file/reader.h"

#include <fstream>
#include <iterator>

#include "tests/policy/policies.h"
#include "tests/support/catch.h"
#include "trust/json.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

/// The words of the tools that the vectors come from, as ours have them; faults of JSON itself have words of their own.
std::string expected_message(const json::Object& row) {
  const std::string note = row.at("note").string();
  if (note == "trailing text" || note == "byte order mark" || note == "comment") return {};
  std::string text = row.at("error").string();
  text.erase(0, std::string("Error loading trust policy: ").size());
  text.replace(text.find("FILE"), 4, "/etc/policy.json");
  return text;
}

std::string signed_by(const std::string& members) { return R"({"default": [{"type": "signedBy", )" + members + "}]}"; }

std::string sigstore(const std::string& members) {
  return R"({"default": [{"type": "sigstoreSigned", )" + members + "}]}";
}

}  // namespace

TEST_CASE("a containers-policy.json is taken or refused as its tools do, with their words", "[policy]") {
  const json::Value document = vectors("parse-vectors.json");
  REQUIRE(document.array().size() == 45);
  for (const json::Value& value : document.array()) {
    const json::Object& row = value.object();
    INFO(row.at("note").string());
    const std::string text = row.at("policy").string();
    if (!row.at("loads").boolean()) {
      REQUIRE_FAULT(parsed(text), Fault::usage);
      const std::string message = message_of([&] { parsed(text); });
      const std::string expected = expected_message(row);
      if (expected.empty()) {
        CHECK(holds(message, "invalid policy in \"/etc/policy.json\""));
      } else {
        CHECK(message == expected);
      }
      continue;
    }
    const policy::Decision decision = decide(gate_of(text), subject("localhost:21300/p/a:1", "content"));
    CHECK(decision.approval.has_value() == row.at("allowed").boolean());
  }
}

TEST_CASE("requirements that are not supported yet load and never pass", "[policy]") {
  const std::string policy = GENERATE(
      as<std::string>{}, signed_by(R"("keyType": "GPGKeys", "keyPath": "/k")"), sigstore(R"("keyPath": "/k")"),
      std::string(R"({"default": [{"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}}]})"));
  const policy::Decision decision = decide(gate_of(policy), subject("reg.example/app:1", "x"));
  REQUIRE_FALSE(decision.approval);
  REQUIRE(decision.fault == Fault::refused);
  REQUIRE(decision.findings.at(0).code == "NOT_SUPPORTED");
  REQUIRE_THAT(decision.findings.at(0).detail, Catch::Matchers::EndsWith("is not supported yet"));
  REQUIRE(parsed(policy).remarks().size() == 1);
}

TEST_CASE("signedBy must name one source of keys and a known type", "[policy]") {
  REQUIRE_NOTHROW(parsed(signed_by(R"("keyType": "signedByX509CAs", "keyData": "eA==")")));
  REQUIRE_NOTHROW(parsed(signed_by(R"("keyType": "GPGKeys", "keyPaths": ["/a", "/b"])")));
  for (const char* members :
       {R"("keyType": "GPGKeys", "keyPath": "/k", "keyData": "eA==")", R"("keyType": "GPGKeys", "keyPath": "")",
        R"("keyType": "GPGKeys", "keyPath": null)", R"("keyType": "GPGKeys", "keyData": "%")",
        R"("keyType": "GPGKeys", "keyPaths": "/k")", R"("keyType": "GPGKeys", "keyPaths": [1])",
        R"("keyType": null, "keyPath": "/k")", R"("keyType": "GPGKeys", "keyPath": "/k", "keyDatas": [])"}) {
    INFO(members);
    REQUIRE_FAULT(parsed(signed_by(members)), Fault::usage);
  }
}

TEST_CASE("sigstoreSigned must be whole in all its parts", "[policy]") {
  const std::string fulcio = R"("fulcio": {"caPath": "/a", "oidcIssuer": "i", "subjectEmail": "e"})";
  const std::string pki = R"("pki": {"caRootsPath": "/a", "subjectHostname": "h"})";
  REQUIRE_NOTHROW(parsed(sigstore(fulcio + R"(, "rekorPublicKeyPath": "/r")")));
  REQUIRE_NOTHROW(parsed(sigstore(pki)));
  REQUIRE_NOTHROW(parsed(sigstore(R"("keyDatas": ["eA=="], "rekorPublicKeyDatas": ["eA=="])")));
  const std::string members = GENERATE_COPY(
      as<std::string>{}, fulcio, pki + R"(, "keyPath": "/k")", R"("keyDatas": [])", R"("keyDatas": ["%"])",
      R"("keyPath": "/k", "rekorPublicKeyPath": "/r", "rekorPublicKeyData": "eA==")",
      R"("keyPath": "/k", "rekorPublicKeyPaths": [])", R"("keyPath": "/k", "unknown": 1)",
      R"("fulcio": {"caPath": "/a", "caData": "eA==", "oidcIssuer": "i", "subjectEmail": "e"}, "rekorPublicKeyPath": "/r")",
      R"("fulcio": {"oidcIssuer": "i", "subjectEmail": "e"}, "rekorPublicKeyPath": "/r")",
      R"("fulcio": {"caPath": "/a", "subjectEmail": "e"}, "rekorPublicKeyPath": "/r")",
      R"("fulcio": null, "rekorPublicKeyPath": "/r")", R"("pki": {"subjectEmail": "e"})",
      R"("pki": {"caRootsPath": "/a", "caIntermediatesPath": "/b", "caIntermediatesData": "eA==", "subjectEmail": "e"})",
      R"("pki": {"caRootsPath": "/a", "subjectEmail": "e", "x": 1})");
  INFO(members);
  REQUIRE_FAULT(parsed(sigstore(members)), Fault::usage);
}

TEST_CASE("signed identities are checked by their kind", "[policy]") {
  const auto with = [](const std::string& identity) {
    return sigstore(R"("keyPath": "/k", "signedIdentity": )" + identity);
  };
  const std::string digest = digest_of("x").to_string();
  for (const std::string& identity :
       {std::string(R"({"type": "matchExact"})"), std::string(R"({"type": "matchRepository"})"),
        std::string(R"({"type": "exactReference", "dockerReference": "reg.example/a:1"})"),
        R"({"type": "exactReference", "dockerReference": "reg.example/a@)" + digest + "\"}",
        std::string(R"({"type": "remapIdentity", "prefix": "host", "signedPrefix": "vendor.example:5000/a"})")}) {
    INFO(identity);
    REQUIRE_NOTHROW(parsed(with(identity)));
  }
  for (const char* identity :
       {"{}", "[]", R"({"type": "matchExact", "x": 1})", R"({"type": "exactReference"})",
        R"({"type": "exactReference", "dockerReference": "UPPER"})", R"({"type": "exactRepository"})",
        R"({"type": "exactRepository", "dockerRepository": ""})",
        R"({"type": "remapIdentity", "prefix": "a.b/C", "signedPrefix": "a.b"})",
        R"({"type": "remapIdentity", "prefix": "a.b", "signedPrefix": "a.b/c/"})",
        R"({"type": "remapIdentity", "prefix": "a_b/c", "signedPrefix": "a.b"})", R"({"type": "unbound"})"}) {
    INFO(identity);
    REQUIRE_FAULT(parsed(with(identity)), Fault::usage);
  }
}

TEST_CASE("a member that is missing is named", "[policy]") {
  const std::string policy =
      sigstore(R"("keyPath": "/k", "signedIdentity": {"type": "remapIdentity", "prefix": "a.b"})");
  REQUIRE(message_of([&] { parsed(policy); }) ==
          R"(invalid policy in "/etc/policy.json": Key "signedPrefix" missing in a JSON object)");
}

TEST_CASE("a file that is too large or too deep is refused before it is read", "[policy]") {
  const std::string large = native("") + std::string(std::size_t{4} << 20U, ' ');
  REQUIRE_FAULT(parsed(large), Fault::usage);
  std::string deep = R"({"default": [{"type": "reject"}], "transports": )";
  for (int i = 0; i < 70; ++i) deep += R"({"a": )";
  REQUIRE_FAULT(parsed(deep), Fault::usage);
}

TEST_CASE("a member that stands twice is refused at any depth", "[policy]") {
  const std::string twice = R"({"default": [{"type": "reject", "type": "insecureAcceptAnything"}]})";
  REQUIRE_FAULT(parsed(twice), Fault::usage);
  REQUIRE(message_of([&] { parsed(twice); }) == R"(invalid policy in "/etc/policy.json": Duplicate key "type")");
}

TEST_CASE("a bad path of the policy file cannot play with the terminal", "[policy]") {
  const std::string message = message_of(
      [] { policy::read_policy("/etc/\x1b[2J", view_of("{}"), [](const std::string&) { return Bytes(); }); });
  REQUIRE_THAT(message, Catch::Matchers::StartsWith("invalid policy in \"/etc/\\x1b[2J\""));
}

TEST_CASE("the policy keeps the digest of its file and what it says of itself", "[policy]") {
  const std::string text =
      native(R"(, "metadata": {"name": "prod", "serial": 12, "expires": "2027-06-30T00:00:00Z", "comment": "c"})");
  const policy::Policy policy = parsed(text);
  REQUIRE(policy.digest() == digest_of(text));
  REQUIRE(policy.name() == "prod");
  REQUIRE(policy.serial() == 12);
  REQUIRE(policy.expires() == parse_time("2027-06-30T00:00:00Z"));
  REQUIRE(policy.dialect() == policy::PolicyDialect::native);
  REQUIRE(parsed(R"({"default": [{"type": "reject"}]})").dialect() == policy::PolicyDialect::containers);
}

TEST_CASE("the example of a migrated policy loads and refuses what is not supported yet", "[policy]") {
  std::ifstream file(std::string(HALLMARK_VECTORS) + "/policy/ex3-compat.json", std::ios::binary);
  const policy::Gate gate = gate_of({std::istreambuf_iterator<char>(file), {}});
  REQUIRE(decide(gate, subject("openshift/origin:1", "x")).approval);
  REQUIRE_FALSE(decide(gate, subject("hostname:5000/myns/sig/a:1", "x")).approval);
  REQUIRE_FALSE(decide(gate, subject("elsewhere.example/a:1", "x")).approval);
}

TEST_CASE("policy check tells about scopes that are not what they seem", "[policy]") {
  const policy::Policy policy = parsed(
      R"({"default": [{"type": "insecureAcceptAnything"}], "transports": {"bogus": {"x": [{"type": "reject"}]},
          "docker": {"reg.example": [{"type": "reject"}], "reg.example/a": [{"type": "reject"}],
                     "no such": [{"type": "reject"}]}}})");
  const std::vector<std::string> expected{
      "/default: every image that no scope names is accepted unverified",
      "/transports/bogus: there is no transport of this name; nothing in it ever applies",
      "/transports/docker: scope \"no such\" may match nothing: \"no such\" is no host",
      "/transports/docker: the requirements of \"reg.example\" do not hold inside \"reg.example/a\""};
  REQUIRE(policy.remarks() == expected);
}
