// SPDX-License-Identifier: Apache-2.0
#include "trust/system/scope.h"

#include <fstream>
#include <iterator>

#include "tests/policy/policies.h"
#include "tests/support/catch.h"
#include "trust/json.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

std::string containers_policy(const json::Array& scopes) {
  json::Writer out(0);
  out.begin_object().key("default").begin_array().begin_object().member("type", "reject").end_object().end_array();
  out.key("transports").begin_object().key("docker").begin_object();
  for (const json::Value& scope : scopes) {
    out.key(scope.string()).begin_array().begin_object().member("type", "insecureAcceptAnything");
    out.end_object().end_array();
  }
  return out.end_object().end_object().end_object().text();
}

std::string matched(const policy::Policy& policy, const std::string& name) {
  const policy::Match match = policy.match(Reference::parse(name));
  return match.transport.empty() ? "default" : match.scope;
}

std::string with_scopes(const std::vector<std::string>& scopes) {
  std::string members;
  for (const std::string& scope : scopes) {
    members += (members.empty() ? "" : ", ") + json::quoted(scope) + R"(: [{"type": "insecureAcceptAnything"}])";
  }
  return native(R"(, "transports": {"docker": {)" + members + "}}");
}

}  // namespace

TEST_CASE("scopes are found as the tools of containers-policy.json find them", "[policy]") {
  const json::Value document = vectors("scope-vectors.json");
  REQUIRE(document.array().size() == 24);
  for (const json::Value& value : document.array()) {
    const json::Object& row = value.object();
    INFO(row.at("note").string());
    const policy::Policy policy = parsed(containers_policy(row.at("scopes").array()));
    const Reference name = Reference::parse(row.at("reference").string());
    const policy::Match match = policy.match(name);
    // With both a tag and a digest one of these tools refuses, the other drops the tag: so is it here.
    if (row.at("selected").is_null()) {
      CHECK(match.scope == policy.match(name.at_digest(name.digest().value())).scope);
      continue;
    }
    const json::Object& selected = row.at("selected").object();
    if (selected.find("default") != nullptr) {
      CHECK(match.transport.empty());
      CHECK(match.requirements == &policy.fallback());
    } else {
      CHECK(match.transport == selected.at("transport").string());
      CHECK(match.scope == selected.at("scope").string());
      CHECK(match.tried.back() == match.scope);
    }
  }
}

TEST_CASE("under a containers-policy.json a tag beside a digest does not count", "[policy]") {
  const policy::Policy policy = parsed(R"({"default": [{"type": "reject"}], "transports": {"docker": {
        "reg.example/a:1": [{"type": "insecureAcceptAnything"}], "reg.example": [{"type": "reject"}]}}})");
  const Reference both = Reference::parse("reg.example/a:1@sha256:" + std::string(64, 'a'));
  CHECK(policy.match(both).scope == "reg.example");
  CHECK(policy.match(both.without_digest()).scope == "reg.example/a:1");
}

TEST_CASE("the keys that were looked for are told in their order", "[policy]") {
  const policy::Policy policy = parsed(with_scopes({"*.example"}));
  const policy::Match match = policy.match(Reference::parse("a.reg.example:5000/x/y:1"));
  const std::vector<std::string> expected{"a.reg.example:5000/x/y:1", "a.reg.example:5000/x/y", "a.reg.example:5000/x",
                                          "a.reg.example:5000",       "*.reg.example",          "*.example"};
  REQUIRE(match.tried == expected);
  REQUIRE(match.scope == "*.example");
}

TEST_CASE("the native dialect reads the host of a name in lower case and without the port 443", "[policy]") {
  const policy::Policy policy = parsed(with_scopes({"reg.example/app"}));
  REQUIRE(matched(policy, "reg.example/app:1") == "reg.example/app");
  REQUIRE(matched(policy, "REG.example/app:1") == "reg.example/app");
  REQUIRE(matched(policy, "Reg.Example:443/app:1") == "reg.example/app");
  REQUIRE(matched(policy, "reg.example:444/app:1") == "default");
  REQUIRE(policy.repository(Reference::parse("REG.example:443/app")) == "reg.example/app");
}

TEST_CASE("the containers dialect reads the host of a name as it is written", "[policy]") {
  const policy::Policy policy =
      parsed(R"({"default": [{"type": "reject"}], "transports": {"docker": {"reg.example": [{"type": "reject"}]}}})");
  REQUIRE(matched(policy, "reg.example/app:1") == "reg.example");
  REQUIRE(matched(policy, "REG.example/app:1") == "default");
  REQUIRE(matched(policy, "reg.example:443/app:1") == "default");
}

TEST_CASE("another spelling of the hub's host does not escape a scope for docker.io", "[policy]") {
  const policy::Policy policy = parsed(with_scopes({"docker.io/library"}));
  REQUIRE(matched(policy, "debian") == "docker.io/library");
  REQUIRE(matched(policy, "index.docker.io/library/debian:12") == "docker.io/library");
}

TEST_CASE("with a tag and a digest the rules of the tag come first", "[policy]") {
  const std::string digest = digest_of("x").to_string();
  const policy::Policy policy = parsed(with_scopes({"reg.example/app:1", "reg.example/app@" + digest}));
  REQUIRE(matched(policy, "reg.example/app:1@" + digest) == "reg.example/app:1");
  REQUIRE(matched(policy, "reg.example/app:2@" + digest) == "reg.example/app@" + digest);
  REQUIRE(matched(policy, "reg.example/app@" + digest) == "reg.example/app@" + digest);
}

TEST_CASE("the native dialect takes every scope that can match", "[policy]") {
  const std::string scope = GENERATE(as<std::string>{}, "", "reg.example", "reg.example:5000", "localhost",
                                     "localhost:5000/a", "reg.example/a/b", "reg.example/a/b:1.0", "docker.io/acme",
                                     "docker.io/library/debian:12", "*.example", "*.reg.example", "[::1]:5000/a");
  INFO(scope);
  REQUIRE(parsed(with_scopes({scope})).transports().at("docker").contains(scope));
}

TEST_CASE("the native dialect refuses scopes that match nothing", "[policy]") {
  const std::string scope = GENERATE(
      as<std::string>{}, "Reg.example", "reg.example/App", "reg.example/", "reg.example//a", "/a", "acme/app", "acme",
      "reg.example:443", "reg.example:443/a", "index.docker.io/library", "docker.io/debian:12", "*", "*.example:5000",
      "*.example/a", "*.Example", "a.*.example", "reg.example/*", "reg.example/a b", "reg.example/a:", "*.",
      "reg.example/a:1@sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "reg.example:port/a",
      "no such host///", "reg.example/a@sha256:00");
  INFO(scope);
  REQUIRE_FAULT(parsed(with_scopes({scope})), Fault::usage);
}

TEST_CASE("a scope longer than any name is refused", "[policy]") {
  std::string host = "example";
  while (host.size() <= 1024) host.insert(0, "a.");
  REQUIRE_FAULT(parsed(with_scopes({host})), Fault::usage);
  REQUIRE_NOTHROW(parsed(with_scopes({host.substr(2 * 10)})));
}

TEST_CASE("the native dialect checks the scopes of the other transports", "[policy]") {
  const auto with = [](const std::string& transport, const std::string& scope) {
    return native(R"(, "transports": {")" + transport + R"(": {)" + json::quoted(scope) +
                  R"(: [{"type": "reject"}]}})");
  };
  REQUIRE(parsed(with("oci-archive", "/media/transfer")).transports().size() == 1);
  REQUIRE(parsed(with("docker-archive", "")).transports().size() == 1);
  REQUIRE(parsed(with("containers-storage", "[overlay@/var/lib/containers]")).transports().size() == 1);
  REQUIRE_FAULT(parsed(with("bogus", "")), Fault::usage);
  REQUIRE_FAULT(parsed(with("Docker", "")), Fault::usage);
  for (const char* path : {"media", "/", "/media/", "/media//x", "/media/./x", "/media/../x"}) {
    INFO(path);
    REQUIRE_FAULT(parsed(with("oci-archive", path)), Fault::usage);
  }
  REQUIRE_FAULT(parsed(with("docker-archive", "/x")), Fault::usage);
  REQUIRE_FAULT(parsed(with("atomic", "REG.example")), Fault::usage);
}

TEST_CASE("scopes of a container storage are checked by their parts", "[policy]") {
  const auto good = [](const std::string& scope) { return scope_fault("containers-storage", scope).empty(); };
  const std::string id(64, 'a');
  REQUIRE(good("[/root]"));
  REQUIRE(good("[overlay@/root]name:tag"));
  REQUIRE(good("[/root]name@" + id));
  REQUIRE(good("[/root]name@sha256:" + id));
  REQUIRE(good("[/root]name@sha256:" + id + "@" + id));
  REQUIRE_FALSE(good("name"));
  REQUIRE_FALSE(good("[root]"));
  REQUIRE_FALSE(good("[@/root]"));
  REQUIRE_FALSE(good("[/root"));
  REQUIRE_FALSE(good("[/root]name@short"));
  REQUIRE_FALSE(good("[/root]name@" + id + "@" + id));
}

TEST_CASE("scopes of the atomic transport have at most three parts and one tag", "[policy]") {
  const auto good = [](const std::string& scope) { return scope_fault("atomic", scope).empty(); };
  REQUIRE(good("host:5000"));
  REQUIRE(good("host/namespace/stream:tag"));
  REQUIRE_FALSE(good("host/name:space"));
  REQUIRE_FALSE(good("host/namespace/stream:tag:tag"));
  REQUIRE_FALSE(good("host/namespace/stream/more"));
}
