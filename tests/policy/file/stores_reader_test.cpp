// SPDX-License-Identifier: Apache-2.0
#include "tests/policy/policies.h"
#include "tests/support/catch.h"
#include "trust/tuf/policy/store.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

const std::string kKey(64, 'a');
const std::string kRoot = R"({"signatures": [], "signed": {"_type": "Root"}})";

std::string ids() { return R"("rootKeyIds": [")" + kKey + "\"]"; }

std::string with_tuf_store(const std::string& members) {
  return native(R"(, "stores": {"dct": {"kind": "tuf", )" + members + "}}");
}

std::string with_pins(const std::string& list) { return with_tuf_store(R"("pins": )" + list); }

std::string with_pin(const std::string& members) { return with_pins("[{" + members + "}]"); }

std::string with_extra(const std::string& members) {
  return with_tuf_store(R"("pins": [{"gun": "reg.example/*", )" + ids() + "}], " + members);
}

std::string with_root(const std::string& material) {
  return with_pin(R"("gun": "reg.example/a", "root": )" + material);
}

const tuf::Store& store_of(const policy::Policy& policy, const std::string& name) {
  return dynamic_cast<const tuf::Store&>(*policy.stores().at(name));
}

const std::string* gun_for(const tuf::Store& store, const std::string& name) {
  const tuf::Pin* pin = store.pin_for(name);
  return pin == nullptr ? nullptr : &pin->gun;
}

}  // namespace

TEST_CASE("the exact pin wins, then the longest prefix", "[policy]") {
  const policy::Policy policy =
      parsed(with_pins(R"([{"gun": "reg.example/*", )" + ids() + R"(}, {"gun": "reg.example/prod/*", )" + ids() +
                       R"(}, {"gun": "reg.example/prod/api", )" + ids() + "}]"));
  const tuf::Store& store = store_of(policy, "dct");
  REQUIRE(*gun_for(store, "reg.example/prod/api") == "reg.example/prod/api");
  REQUIRE(*gun_for(store, "reg.example/prod/api/x") == "reg.example/prod/*");
  REQUIRE(*gun_for(store, "reg.example/prod") == "reg.example/*");
  REQUIRE(*gun_for(store, "reg.example/production/x") == "reg.example/*");
  REQUIRE(gun_for(store, "reg.example") == nullptr);
  REQUIRE(gun_for(store, "reg.example.evil/a") == nullptr);
  REQUIRE(gun_for(store, "other.example/a") == nullptr);
}

TEST_CASE("pins are whole and can match", "[policy]") {
  REQUIRE_NOTHROW(parsed(with_pin(R"("gun": "docker.io/acme/*", "minRootVersion": 2, )" + ids())));
  REQUIRE_NOTHROW(parsed(with_pin(R"("gun": "trust.example", )" + ids())));
  REQUIRE_NOTHROW(parsed(with_pin(R"("gun": "reg.example/*", "wildcardCertificates": "refuse", )" + ids())));
  const std::string pin = GENERATE(
      as<std::string>{}, R"("gun": "reg.example/*")", ids(), R"("gun": "", )" + ids(), R"("gun": "*", )" + ids(),
      R"("gun": "/*", )" + ids(), R"("gun": "acme/*", )" + ids(), R"("gun": "Reg.example/*", )" + ids(),
      R"("gun": "reg.example/a*", )" + ids(), R"("gun": "reg.example/*/b", )" + ids(),
      R"("gun": "reg.example/a:1", )" + ids(), R"("gun": "docker.io/debian", )" + ids(),
      R"("gun": "reg.example:443/*", )" + ids(), R"("gun": "reg.example/*", "rootKeyIds": [])",
      R"("gun": "reg.example/*", "rootKeyIds": ["abc"])",
      R"("gun": "reg.example/*", "rootKeyIds": [")" + std::string(64, 'A') + "\"]",
      R"("gun": "reg.example/*", "rootKeyIds": [")" + kKey + "\", \"" + kKey + "\"]",
      R"("gun": "reg.example/*", "minRootVersion": 0, )" + ids(),
      R"("gun": "reg.example/*", "wildcardCertificates": true, )" + ids(),
      R"("gun": "reg.example/*", "wildcardCertificates": "", )" + ids(), R"("gun": "reg.example/*", "x": 1, )" + ids());
  INFO(pin);
  REQUIRE_FAULT(parsed(with_pin(pin)), Fault::usage);
}

TEST_CASE("certificates for several repositories count under a pin only where it says so, and it is remarked",
          "[policy]") {
  const auto wildcards = [](const std::string& member) {
    const policy::Policy policy = parsed(with_pin(R"("gun": "reg.example/lib/*", )" + member + ids()));
    const std::string& remark = policy.remarks().at(0);
    REQUIRE(remark.starts_with("/stores/dct/pins/0: \"reg.example/lib/*\""));
    const bool is_accepted = store_of(policy, "dct").pins.at(0).anchor.wildcards == tuf::Wildcards::accepted;
    REQUIRE((remark.find("are accepted") != std::string::npos) == is_accepted);
    return is_accepted;
  };
  REQUIRE_FALSE(wildcards(""));
  REQUIRE_FALSE(wildcards(R"("wildcardCertificates": "refuse", )"));
  REQUIRE(wildcards(R"("wildcardCertificates": "accept", )"));
}

TEST_CASE("a store has pins, and no two for one name", "[policy]") {
  const std::string pin = R"({"gun": "reg.example/*", )" + ids() + "}";
  REQUIRE_NOTHROW(parsed(with_pins("[" + pin + "]")));
  REQUIRE_FAULT(parsed(with_pins("[" + pin + ", " + pin + "]")), Fault::usage);
  REQUIRE_FAULT(parsed(with_pins("[]")), Fault::usage);
  REQUIRE_FAULT(parsed(native(R"(, "stores": {"dct": {"kind": "tuf"}})")), Fault::usage);
  REQUIRE_FAULT(parsed(native(R"(, "stores": {"dct": {"kind": "nope"}})")), Fault::usage);
  REQUIRE_FAULT(parsed(native(R"(, "stores": {"dct": {}})")), Fault::usage);
  REQUIRE_FAULT(parsed(native(R"(, "stores": {"DCT": {"kind": "tuf", "pins": [)" + pin + "]}}")), Fault::usage);
}

TEST_CASE("a trust server may be a directory, which has no certificate", "[policy]") {
  REQUIRE(store_of(parsed(with_extra(R"("server": "file:///srv/my%20trust")")), "dct").server ==
          "file:///srv/my%20trust");
  const std::string more = GENERATE(as<std::string>{}, R"("server": "file://host/trust")", R"("server": "file:/srv")",
                                    R"("server": "file:///srv/../etc")", R"("server": "file:///srv/..")",
                                    R"("server": "file:///my trust")", R"("server": "/srv")");
  INFO(more);
  REQUIRE_FAULT(parsed(with_extra(more)), Fault::usage);
  const Files files{{"/etc/ca.crt", "-----BEGIN CERTIFICATE-----\n"}};
  REQUIRE_FAULT(parsed(with_extra(R"("server": "file:///srv", "caFile": "/etc/ca.crt")"), files), Fault::usage);
}

TEST_CASE("a trust server on the network is reached by https only", "[policy]") {
  REQUIRE(store_of(parsed(with_extra(R"("server": "https://notary.example:4443/path")")), "dct").server ==
          "https://notary.example:4443/path");
  const std::string server = GENERATE(
      as<std::string>{}, "http://notary.example", "notary.example", "https://", "https://user@notary.example",
      "https://notary.example?x", "https://notary.example/#x", "https://not ary.example", "HTTPS://notary.example", "");
  INFO(server);
  REQUIRE_FAULT(parsed(with_extra(R"("server": ")" + server + "\"")), Fault::usage);
}

TEST_CASE("roles of a store are targets roles", "[policy]") {
  REQUIRE(store_of(parsed(with_extra(R"("roles": ["targets/alice"])")), "dct").roles ==
          std::vector<std::string>{"targets/alice"});
  for (const char* roles :
       {"[]", R"(["root"])", R"(["targets/"])", R"(["targets/Alice"])", R"(["targetsx"])", R"(["release/a"])", "[1]"}) {
    INFO(roles);
    REQUIRE_FAULT(parsed(with_extra(std::string(R"("roles": )") + roles)), Fault::usage);
  }
}

TEST_CASE("a root file is read when the policy is loaded and held against its hash", "[policy]") {
  const std::string hash = digest_of(kRoot).hex();
  const Files files{{"/etc/root.json", kRoot}};
  const policy::Policy policy = parsed(with_root(R"({"path": "/etc/root.json", "sha256": ")" + hash + "\"}"), files);
  const tuf::Store& store = store_of(policy, "dct");
  REQUIRE(store.pins.at(0).anchor.root == bytes_of(kRoot));
  REQUIRE(store.files().at(0).path == "/etc/root.json");
  REQUIRE(store.files().at(0).digest == digest_of(kRoot));
  REQUIRE_FAULT(parsed(with_root(R"({"path": "/etc/root.json", "sha256": ")" + kKey + "\"}"), files), Fault::usage);
  REQUIRE_FAULT(parsed(with_root(R"({"path": "/etc/root.json", "sha256": "abc"})"), files), Fault::usage);
}

TEST_CASE("a root can stand in the policy itself", "[policy]") {
  const std::string data = base64_of(view_of(kRoot));
  REQUIRE(store_of(parsed(with_root(R"({"data": ")" + data + "\"}")), "dct").pins.at(0).anchor.root == bytes_of(kRoot));
  REQUIRE_FAULT(parsed(with_root(R"({"data": ""})")), Fault::usage);
  REQUIRE_FAULT(parsed(with_root(R"({"data": "%"})")), Fault::usage);
  REQUIRE_FAULT(parsed(with_root(R"({"data": ")" + data + R"(", "path": "/etc/root.json"})")), Fault::usage);
  REQUIRE_FAULT(parsed(with_root("{}")), Fault::usage);
  REQUIRE_FAULT(parsed(with_root(R"({"data": ")" + data + R"(", "x": 1})")), Fault::usage);
}

TEST_CASE("a file that cannot be read or is no root document is refused", "[policy]") {
  const Files files{{"/etc/empty", ""},
                    {"/etc/text", "hello"},
                    {"/etc/targets.json", R"({"signatures": [], "signed": {"_type": "Targets"}})"},
                    {"/etc/large", kRoot + std::string(std::size_t{1} << 20U, ' ')},
                    {"etc/root.json", kRoot},
                    {"/etc/../etc/root.json", kRoot},
                    {"/", kRoot}};
  const std::string path = GENERATE(as<std::string>{}, "/etc/none", "/etc/empty", "/etc/text", "/etc/targets.json",
                                    "/etc/large", "etc/root.json", "/etc/../etc/root.json", "/");
  INFO(path);
  REQUIRE_FAULT(parsed(with_root(R"({"path": ")" + path + "\"}"), files), Fault::usage);
}

TEST_CASE("an empty file and a tag in a pin are called what they are", "[policy]") {
  const Files files{{"/etc/empty", ""}};
  REQUIRE_THAT(message_of([&] { parsed(with_root(R"({"path": "/etc/empty"})"), files); }),
               Catch::Matchers::EndsWith("file \"/etc/empty\" is empty"));
  REQUIRE_THAT(message_of([] { parsed(with_pin(R"("gun": "reg.example/a:1", )" + ids())); }),
               Catch::Matchers::EndsWith("\"reg.example/a:1\": a tag is not part of it"));
}

TEST_CASE("the certificates of a trust server are read when the policy is loaded", "[policy]") {
  const Files files{{"/etc/ca.crt", "-----BEGIN CERTIFICATE-----\n"}, {"/etc/text", "hello"}};
  const policy::Policy policy = parsed(with_extra(R"("caFile": "/etc/ca.crt")"), files);
  REQUIRE(store_of(policy, "dct").ca_file == "/etc/ca.crt");
  REQUIRE(store_of(policy, "dct").files().size() == 1);
  REQUIRE_FAULT(parsed(with_extra(R"("caFile": "/etc/none")"), files), Fault::usage);
  REQUIRE_FAULT(parsed(with_extra(R"("caFile": "/etc/text")"), files), Fault::usage);
  REQUIRE_FAULT(parsed(with_extra(R"("caFile": "ca.crt")"), files), Fault::usage);
}
