// SPDX-License-Identifier: Apache-2.0
#include "registry/metadata/notary.h"

#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::NotaryServer;
using registry::trust_server_for;
using test::Asked;
using test::LoopbackServer;
using test::TlsIdentity;
using test::Told;
using test::World;
using Kind = tuf::MetadataReply::Kind;

namespace {

const std::string kGun = "localhost:5000/lib/debian";

/// A trust server with TLS that is trusted, and a machine that asks it.
class Trust {
 public:
  explicit Trust(LoopbackServer::Answer answer) : server(std::move(answer), identity_) {
    world.folder.write("docker/tls/" + server.name() + "/ca.crt", identity_.certificate_pem());
  }

  tuf::MetadataReply ask(const std::string& file, std::uint64_t limit = 1000) {
    NotaryServer notary(world.settings, Reference::parse(kGun), kGun, "https://" + server.name() + prefix, {});
    return notary.fetch(tuf::MetadataFile{"timestamp", file, limit});
  }

  std::string prefix;
  World world;

 private:
  TlsIdentity identity_{{}};

 public:
  LoopbackServer server;
};

Told status(int status) {
  Told told;
  told.status = status;
  told.body = R"({"errors":[{"code":"CODE","message":"words"}]})";
  return told;
}

Told document(const std::string& body) {
  Told told;
  told.body = body;
  return told;
}

}  // namespace

TEST_CASE("the trust server is the configured one, Docker Hub's own, or the registry", "[registry]") {
  CHECK(trust_server_for(Reference::parse("debian"), "") == "https://notary.docker.io");
  CHECK(trust_server_for(Reference::parse("localhost:5000/x"), "") == "https://localhost:5000");
  CHECK(trust_server_for(Reference::parse("debian"), "https://t.example/p") == "https://t.example/p");
}

TEST_CASE("the trust data of a repository have a time together", "[registry]") {
  Trust trust([](const Asked&) {
    Told told = document("{}");
    told.silence = std::chrono::milliseconds(600);
    return told;
  });
  trust.world.settings.timing.document = std::chrono::seconds(1);
  NotaryServer notary(trust.world.settings, Reference::parse(kGun), kGun, "https://" + trust.server.name(), {});
  const tuf::MetadataFile wanted{"root", "root.json", 1000};
  CHECK(notary.fetch(wanted).kind == Kind::found);
  CHECK(notary.fetch(wanted).kind == Kind::found);
  const tuf::MetadataReply late = notary.fetch(wanted);
  CHECK(late.kind == Kind::unreachable);
  CHECK(late.fault == Fault::unavailable);
  CHECK(late.detail.find("did not come within 1 seconds") != std::string::npos);
  notary.begin_question();
  CHECK(notary.fetch(wanted).kind == Kind::found);
}

TEST_CASE("a trust server elsewhere gets neither the password of a registry nor its token", "[registry]") {
  const auto entry = GENERATE(as<std::string>{}, R"({"registrytoken":"S3CRET"})", R"({"auth":"YWxpY2U6UzNDUkVU"})");
  const auto scheme = GENERATE(as<std::string>{}, R"(Bearer realm="https://registry.example/t",service="x")", "Basic");
  std::string shown;
  Trust trust([&](const Asked& asked) {
    if (asked.has("authorization")) shown += asked.header("authorization");
    Told told = status(401);
    told.headers = {{"WWW-Authenticate", scheme}};
    return told;
  });
  trust.world.set_config(R"({"auths":{"registry.example":)" + entry + "}}");
  const std::string gun = "registry.example/lib/app";
  NotaryServer notary(trust.world.settings, Reference::parse(gun), gun, "https://" + trust.server.name(), {});
  CHECK(notary.fetch(tuf::MetadataFile{"root", "root.json", 1000}).kind == Kind::unreachable);
  CHECK(shown.empty());
}

TEST_CASE("a trust server that is not https is not used", "[registry]") {
  const std::string server = GENERATE(as<std::string>{}, "http://localhost:4443", "localhost:4443", "https://",
                                      "ftp://h", "https://u:p@h", "https://h/?q");
  REQUIRE_FAULT(trust_server_for(Reference::parse("x"), server), Fault::usage);
  World world;
  REQUIRE_FAULT(NotaryServer(world.settings, Reference::parse("x"), "docker.io/library/x", server, {}), Fault::usage);
}

TEST_CASE("a file is asked for by its name under the repository's, and found", "[registry]") {
  Trust trust([](const Asked&) { return document("{}"); });
  const tuf::MetadataReply answer = trust.ask("targets/releases.abc.json");
  CHECK(answer.kind == Kind::found);
  CHECK(string_of(answer.bytes) == "{}");
  CHECK(trust.server.asked()[0].target == "/v2/" + kGun + "/_trust/tuf/targets/releases.abc.json");
}

TEST_CASE("a path prefix of the server is kept, a slash at its end is not doubled", "[registry]") {
  Trust trust([](const Asked&) { return document("{}"); });
  trust.prefix = GENERATE(as<std::string>{}, "/notary", "/notary/");
  CHECK(trust.ask("root.json").kind == Kind::found);
  CHECK(trust.server.asked()[0].target == "/notary/v2/" + kGun + "/_trust/tuf/root.json");
}

TEST_CASE("a role's name cannot lead elsewhere", "[registry]") {
  Trust trust([](const Asked&) { return document("{}"); });
  REQUIRE_FAULT(trust.ask("targets/../../x.json"), Fault::corrupt);
  REQUIRE_FAULT(trust.ask("/x.json"), Fault::corrupt);
  CHECK(trust.server.asked().empty());
  CHECK(trust.ask("targets/a b?c#d%.json").kind == Kind::found);
  CHECK(trust.server.asked()[0].target.ends_with("/tuf/targets/a%20b%3Fc%23d%25.json"));
}

TEST_CASE("the limit holds whether a length is announced or not", "[registry]") {
  Told told = document(std::string(1001, ' '));
  Trust trust([&](const Asked&) { return told; });
  CHECK(trust.ask("root.json", 1001).kind == Kind::found);
  const tuf::MetadataReply announced = trust.ask("root.json", 1000);
  CHECK(announced.kind == Kind::rejected);
  CHECK(announced.detail.find("1000") != std::string::npos);
  CHECK(announced.bytes.empty());
  told.without_length = true;
  CHECK(trust.ask("root.json", 1000).kind == Kind::rejected);
  told.endless = true;
  CHECK(trust.ask("root.json", 1000).kind == Kind::rejected);
}

TEST_CASE("what the server says is told apart: missing, rejected, unreachable", "[registry]") {
  int code = 404;
  Trust trust([&](const Asked&) { return status(code); });
  const tuf::MetadataReply missing = trust.ask("root.json");
  CHECK(missing.kind == Kind::missing);
  CHECK(missing.detail == trust.server.name() + " has no root.json");
  code = 400;
  CHECK(trust.ask("root.json").kind == Kind::rejected);
  CHECK(trust.ask("root.json").detail == "trust server rejected operation: words (CODE, HTTP 400)");
  for (const int refused : {401, 403}) {
    code = refused;
    const tuf::MetadataReply answer = trust.ask("root.json");
    CHECK(answer.kind == Kind::unreachable);
    CHECK(answer.fault == Fault::unauthorized);
    CHECK(answer.detail ==
          "you are not authorized to perform this operation: server returned " + std::to_string(refused) + ".");
  }
  for (const int broken : {500, 503, 201, 206, 304, 418}) {
    code = broken;
    const tuf::MetadataReply answer = trust.ask("root.json");
    CHECK(answer.kind == Kind::unreachable);
    CHECK(answer.fault == Fault::unavailable);
    CHECK(answer.detail == "unable to reach trust server at this time: " + std::to_string(broken) + ".");
  }
}

TEST_CASE("redirects of a trust server are not followed", "[registry]") {
  const LoopbackServer other([](const Asked&) { return document("{}"); });
  Trust trust([&](const Asked&) {
    Told told = status(301);
    told.headers = {{"Location", "http://" + other.name() + "/"}};
    return told;
  });
  CHECK(trust.ask("root.json").kind == Kind::unreachable);
  CHECK(other.asked().empty());
}

TEST_CASE("a body that was cut is no document", "[registry]") {
  Trust trust([](const Asked&) {
    Told told = document("{\"signed\":{}}");
    told.cut_after = 5;
    return told;
  });
  const tuf::MetadataReply answer = trust.ask("root.json");
  CHECK(answer.kind == Kind::unreachable);
  CHECK(answer.bytes.empty());
}

TEST_CASE("a server that is down is told at once", "[registry]") {
  World world;
  const std::string name = "localhost:" + std::to_string(test::free_port());
  NotaryServer notary(world.settings, Reference::parse(kGun), kGun, "https://" + name, {});
  const auto started = std::chrono::steady_clock::now();
  const tuf::MetadataReply answer = notary.fetch(tuf::MetadataFile{"root", "root.json", 1000});
  CHECK(answer.kind == Kind::unreachable);
  CHECK(answer.fault == Fault::unavailable);
  CHECK(answer.detail.find("error contacting notary server: " + name) == 0);
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(2));
}

TEST_CASE("a trust server is never spoken to plainly", "[registry]") {
  World world;
  world.settings.plain_http = true;
  const LoopbackServer plain([](const Asked&) { return document("{}"); });
  NotaryServer notary(world.settings, Reference::parse(kGun), kGun, "https://" + plain.name(), {});
  CHECK(notary.fetch(tuf::MetadataFile{"root", "root.json", 1000}).kind == Kind::unreachable);
  CHECK(plain.asked().empty());
}

TEST_CASE("a certificate that is not trusted makes the server unreachable, also on loopback", "[registry]") {
  World world;
  const TlsIdentity identity({});
  const LoopbackServer server([](const Asked&) { return document("{}"); }, identity);
  const auto ask = [&](const std::optional<std::string>& ca_file) {
    NotaryServer notary(world.settings, Reference::parse(kGun), kGun, "https://" + server.name(), ca_file);
    return notary.fetch(tuf::MetadataFile{"root", "root.json", 1000});
  };
  const tuf::MetadataReply answer = ask(std::nullopt);
  CHECK(answer.kind == Kind::unreachable);
  CHECK(answer.hint.find((world.settings.docker_config / "tls" / server.name() / "ca.crt").string()) !=
        std::string::npos);
  CHECK(server.asked().empty());
  CHECK(ask(world.folder.write("my-ca.pem", identity.certificate_pem()).string()).kind == Kind::found);
}

TEST_CASE("a token for a trust server has the whole name as its scope and the registry's password", "[registry]") {
  const TlsIdentity identity({});
  const LoopbackServer tokens([](const Asked&) { return document(R"({"token":"good"})"); }, identity);
  Trust trust([&](const Asked& asked) {
    if (asked.header("authorization") == "Bearer good") return document("{}");
    Told told = status(401);
    // What it wants of the registry besides is not its business.
    told.headers = {{"WWW-Authenticate", "Bearer realm=\"https://" + tokens.name() +
                                             "/token\",service=\"notary\",scope=\"repository:lib/pay:pull,push\""}};
    return told;
  });
  trust.world.folder.write("docker/tls/" + tokens.name() + "/ca.crt", identity.certificate_pem());
  trust.world.set_config(R"({"auths":{"localhost:5000":{"auth":"YWxpY2U6czNjcmV0"},")" + trust.server.name() +
                         R"(":{"auth":"d3Jvbmc6d3Jvbmc="}}})");
  CHECK(trust.ask("root.json").kind == Kind::found);
  REQUIRE(tokens.asked().size() == 1);
  CHECK(tokens.asked()[0].target == "/token?service=notary&scope=repository%3Alocalhost%3A5000%2Flib%2Fdebian%3Apull");
  CHECK(tokens.asked()[0].header("authorization") == "Basic YWxpY2U6czNjcmV0");
}

TEST_CASE("a token that is not to be had makes the server unreachable, and the fault is the right one", "[registry]") {
  int code = 401;
  const TlsIdentity identity({});
  const LoopbackServer tokens([&](const Asked&) { return status(code); }, identity);
  Trust trust([&](const Asked&) {
    Told told = status(401);
    told.headers = {{"WWW-Authenticate", "Bearer realm=\"https://" + tokens.name() + "/token\""}};
    return told;
  });
  trust.world.folder.write("docker/tls/" + tokens.name() + "/ca.crt", identity.certificate_pem());
  CHECK(trust.ask("root.json").kind == Kind::unreachable);
  CHECK(trust.ask("root.json").fault == Fault::unauthorized);
  code = 500;
  CHECK(trust.ask("root.json").fault == Fault::unavailable);
}

TEST_CASE("a raised flag is no answer of the server", "[registry]") {
  Trust trust([](const Asked&) { return document("{}"); });
  const std::atomic<bool> interrupted = true;
  trust.world.settings.interrupted = &interrupted;
  REQUIRE_FAULT(trust.ask("root.json"), Fault::interrupted);
}

TEST_CASE("connections to a trust server are kept", "[registry]") {
  Trust trust([](const Asked&) { return document("{}"); });
  NotaryServer notary(trust.world.settings, Reference::parse(kGun), kGun, "https://" + trust.server.name(), {});
  for (int index = 0; index < 4; ++index) notary.fetch(tuf::MetadataFile{"root", "root.json", 1000});
  CHECK(trust.server.asked().size() == 4);
  CHECK(trust.server.connections() == 1);
}
