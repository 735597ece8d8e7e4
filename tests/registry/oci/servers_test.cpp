// SPDX-License-Identifier: Apache-2.0
//
// The real docker-registry and notary-server, in all the ways they ask who we are.
#include <cstdlib>
#include <ctime>

#include "registry/metadata/notary.h"
#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"
#include "tests/support/real_servers.h"
#include "trust/json.h"

using namespace hallmark;
using test::Asked;
using test::Kept;
using test::LoopbackServer;
using test::Program;
using test::TlsIdentity;
using test::Told;
using test::World;

namespace {

const std::string kType = "application/vnd.docker.distribution.manifest.v2+json";
// bcrypt of "s3cret", cost 4
const std::string kPasswords = "alice:$2y$04$y.oJj9/7SXKwope.cKvFYOaOZH8RFgCKKhVLtf1yALRtKBWc5sto6\n";

class Registry {
 public:
  Registry(World& world, const std::string& auth, const TlsIdentity* identity)
      : files(world.folder.path() / "registry"), port_(test::free_port()) {
    blob = std::string(300'000, 'b');
    const std::string layer = files.add_blob("lib/app", blob);
    const std::string config = files.add_blob("lib/app", "{}");
    manifest =
        R"({"schemaVersion":2,"mediaType":")" + kType +
        R"(","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,"digest":")" + config +
        R"("},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":300000,"digest":")" +
        layer + "\"}]}";
    digest = files.add_manifest("lib/app", "2", manifest);
    files.add_manifest("lib/app", "1", manifest);
    std::string tls;
    if (identity != nullptr) {
      const auto certificate = world.folder.write("server.crt", identity->certificate_pem());
      const auto key = world.folder.write("server.key", identity->key_pem());
      tls = ", tls: {certificate: " + certificate.string() + ", key: " + key.string() + "}";
    }
    const auto config_file =
        world.folder.write("registry.yml",
                           "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
                           "storage: {filesystem: {rootdirectory: " +
                               (world.folder.path() / "registry").string() + "}}\n" + auth +
                               "\nhttp: {addr: \"127.0.0.1:" + std::to_string(port_) + "\"" + tls + "}\n");
    program_ = std::make_unique<Program>(std::vector<std::string>{"docker-registry", "serve", config_file.string()},
                                         world.folder.path() / "registry.log");
    program_->wait_for_port(port_);
  }

  [[nodiscard]] std::string name() const { return "localhost:" + std::to_string(port_); }

  test::RegistryFiles files;
  std::string manifest;
  std::string digest;
  std::string blob;

 private:
  int port_;
  std::unique_ptr<Program> program_;
};

/// Everything that a pull asks for.
void pull_all(World& world, const Registry& registry) {
  registry::Client client(world.settings, Reference::parse(registry.name() + "/lib/app"));
  const auto tags = client.tags();
  CHECK(tags == std::vector<std::string>{"1", "2"});
  const store::Document document = client.manifest("1");
  CHECK(document.descriptor.digest.to_string() == registry.digest);
  CHECK(document.descriptor.media_type == kType);
  CHECK(client.manifest(document.descriptor.digest, registry.manifest.size()).bytes == document.bytes);
  const store::Manifest manifest = store::parse_manifest(document);
  Kept kept;
  client.fetch(manifest.layers.at(0), kept);
  CHECK(kept.text == registry.blob);
}

void log_in(const World& world, const std::string& name, const std::string& password) {
  world.set_config(R"({"auths":{")" + name + R"(":{"auth":")" + base64_of(view_of("alice:" + password)) + "\"}}}");
}

std::string basic_auth(const World& world) {
  return "auth: {htpasswd: {realm: test, path: " + world.folder.write("htpasswd", kPasswords).string() + "}}";
}

/// A token server for the real registry; alice may pull, nobody else may.
Told give_token(const TlsIdentity& signer, const Asked& asked, long lifetime) {
  Told told;
  const bool is_alice = asked.header("authorization") == "Basic " + base64_of(view_of("alice:s3cret"));
  if (asked.has("authorization") && !is_alice) {
    told.status = 401;
    told.body = R"({"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]})";
    return told;
  }
  const bool wants_app = asked.target.find("scope=repository%3Alib%2Fapp%3Apull") != std::string::npos;
  const std::string access =
      is_alice && wants_app ? R"({"type":"repository","name":"lib/app","actions":["pull"]})" : std::string();
  const long now = static_cast<long>(std::time(nullptr));
  const std::string claims = R"({"iss":"test","sub":"alice","aud":"svc","exp":)" + std::to_string(now + lifetime) +
                             ",\"nbf\":" + std::to_string(now - 60) + ",\"iat\":" + std::to_string(now) +
                             ",\"jti\":\"1\",\"access\":[" + access + "]}";
  told.body = R"({"token":")" + signer.token(claims) + R"(","expires_in":300})";
  return told;
}

}  // namespace

TEST_CASE("a plain docker-registry on loopback", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const Registry registry(world, "", nullptr);
  pull_all(world, registry);
  registry::Client client(world.settings, Reference::parse(registry.name() + "/lib/app"));
  REQUIRE_FAULT(client.manifest("nosuch"), Fault::missing);
  CHECK(test::message_of([&] { static_cast<void>(client.manifest("nosuch")); }).find("MANIFEST_UNKNOWN") !=
        std::string::npos);
  registry::Client unknown(world.settings, Reference::parse(registry.name() + "/lib/unknown"));
  REQUIRE_FAULT(unknown.manifest("1"), Fault::missing);
  REQUIRE_FAULT(unknown.tags(), Fault::missing);
  Kept kept;
  store::Descriptor nowhere{"x", Digest::of(view_of("nowhere")), 7, std::nullopt, {}};
  REQUIRE_FAULT(client.fetch(nowhere, kept), Fault::missing);
}

TEST_CASE("a blob that was changed inside the registry reaches the sink as it is, for the sink to judge",
          "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const Registry registry(world, "", nullptr);
  registry::Client client(world.settings, Reference::parse(registry.name() + "/lib/app"));
  const Digest digest = Digest::of(view_of(registry.blob));
  std::string changed = registry.blob;
  changed[1000] = 'X';
  world.folder.write(
      "registry/docker/registry/v2/blobs/sha256/" + digest.hex().substr(0, 2) + "/" + digest.hex() + "/data", changed);
  Kept kept;
  client.fetch(store::Descriptor{"x", digest, changed.size(), std::nullopt, {}}, kept);
  CHECK(kept.text == changed);
  REQUIRE_FAULT(client.fetch(store::Descriptor{"x", digest, changed.size() + 1, std::nullopt, {}}, kept),
                Fault::corrupt);
}

TEST_CASE("a docker-registry with TLS", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const TlsIdentity identity({});
  const Registry registry(world, "", &identity);
  REQUIRE_FAULT(pull_all(world, registry), Fault::unavailable);
  world.trust(registry.name(), identity.certificate_pem());
  pull_all(world, registry);
  CHECK(world.said().find("http://") == std::string::npos);
}

TEST_CASE("a docker-registry that wants a password", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const Registry registry(world, basic_auth(world), nullptr);
  REQUIRE_FAULT(pull_all(world, registry), Fault::unauthorized);
  log_in(world, registry.name(), "wrong");
  REQUIRE_FAULT(pull_all(world, registry), Fault::unauthorized);
  log_in(world, registry.name(), "s3cret");
  pull_all(world, registry);
}

TEST_CASE("a docker-registry that wants a token", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const TlsIdentity signer({});
  long lifetime = 300;
  const LoopbackServer tokens([&](const Asked& asked) { return give_token(signer, asked, lifetime); });
  const auto bundle = world.folder.write("token.crt", signer.certificate_pem());
  const Registry registry(world,
                          "auth: {token: {realm: \"http://" + tokens.name() +
                              "/token\", service: svc, issuer: test, rootcertbundle: " + bundle.string() + "}}",
                          nullptr);
  SECTION("a token for nobody does not allow it") {
    const std::string message = test::message_of([&] { pull_all(world, registry); });
    CHECK(message.find("without credentials") != std::string::npos);
    REQUIRE_FAULT(pull_all(world, registry), Fault::unauthorized);
  }
  SECTION("a wrong password is refused by the token server") {
    log_in(world, registry.name(), "wrong");
    const std::string message = test::message_of([&] { pull_all(world, registry); });
    CHECK(message.find("incorrect username or password") != std::string::npos);
  }
  SECTION("one token is enough for a pull") {
    log_in(world, registry.name(), "s3cret");
    pull_all(world, registry);
    CHECK(tokens.asked().size() == 1);
    CHECK(world.said().find("s3cret") == std::string::npos);
  }
  SECTION("a token without the right is told apart") {
    log_in(world, registry.name(), "s3cret");
    registry::Client other(world.settings, Reference::parse(registry.name() + "/lib/other"));
    const std::string message = test::message_of([&] { static_cast<void>(other.tags()); });
    CHECK(message.find("the token of alice does not allow it") != std::string::npos);
  }
  SECTION("a token that has expired when it comes is refused in the end") {
    lifetime = -300;
    log_in(world, registry.name(), "s3cret");
    REQUIRE_FAULT(pull_all(world, registry), Fault::unauthorized);
    CHECK(tokens.asked().size() <= 4);
  }
}

TEST_CASE("a real notary-server", "[registry][servers]") {
  if (!test::is_installed("notary-server") || !test::is_installed("notary")) return;
  World world;
  const TlsIdentity identity({});
  const auto certificate = world.folder.write("server.crt", identity.certificate_pem());
  const auto key = world.folder.write("server.key", identity.key_pem());
  const int port = test::free_port();
  const std::string name = "localhost:" + std::to_string(port);
  const auto config = world.folder.write(
      "notary.json", R"({"server":{"http_addr":"127.0.0.1:)" + std::to_string(port) + R"(","tls_cert_file":")" +
                         certificate.string() + R"(","tls_key_file":")" + key.string() +
                         R"("},"trust_service":{"type":"local","hostname":"","port":"","key_algorithm":"ed25519"},)" +
                         R"("logging":{"level":"error"},"storage":{"backend":"memory"}})");
  Program server({"notary-server", "-config", config.string()}, world.folder.path() / "notary-server.log");
  server.wait_for_port(port);
  const std::string gun = "localhost:5000/lib/app";
  registry::NotaryServer untrusted(world.settings, Reference::parse(gun), gun, "https://" + name, {});
  const tuf::MetadataReply strange = untrusted.fetch(tuf::MetadataFile{"root", "root.json", 1000});
  CHECK(strange.kind == tuf::MetadataReply::Kind::unreachable);
  // The cure is the hint, and no part of what happened.
  CHECK(strange.hint.ends_with("docker/tls/" + name + "/ca.crt"));
  CHECK(strange.detail.find("ca.crt") == std::string::npos);

  world.folder.write("docker/tls/" + name + "/ca.crt", identity.certificate_pem());
  registry::NotaryServer notary(world.settings, Reference::parse(gun), gun, "https://" + name, {});
  const tuf::MetadataReply missing = notary.fetch(tuf::MetadataFile{"root", "root.json", 100'000});
  CHECK(missing.kind == tuf::MetadataReply::Kind::missing);
  CHECK(missing.detail == name + " has no root.json");

  for (const char* role : {"ROOT", "TARGETS", "SNAPSHOT", "DELEGATION"}) {
    ::setenv((std::string("NOTARY_") + role + "_PASSPHRASE").c_str(), "test pass phrase", 1);
  }
  Program publish({"notary", "-s", "https://" + name, "--tlscacert", certificate.string(), "-d",
                   (world.folder.path() / "keys").string(), "init", "--publish", gun},
                  world.folder.path() / "notary.log");
  REQUIRE(publish.wait() == 0);
  for (const char* role : {"root", "targets", "snapshot", "timestamp"}) {
    const std::string file = std::string(role) + ".json";
    const tuf::MetadataReply answer = notary.fetch(tuf::MetadataFile{role, file, 100'000});
    REQUIRE(answer.kind == tuf::MetadataReply::Kind::found);
    CHECK_NOTHROW(json::parse(role, answer.bytes).object().at("signatures"));
    const std::string by_hash = std::string(role) + "." + Digest::of(answer.bytes).hex() + ".json";
    CHECK(notary.fetch(tuf::MetadataFile{role, by_hash, 100'000}).bytes == answer.bytes);
    CHECK(notary.fetch(tuf::MetadataFile{role, file, 10}).kind == tuf::MetadataReply::Kind::rejected);
  }
  CHECK(notary.fetch(tuf::MetadataFile{"targets/x", "targets/x.json", 1000}).kind == tuf::MetadataReply::Kind::missing);

  // What the notary client made is published once more, for a repository of this name without trust data.
  registry::NotaryServer writer(world.settings, Reference::parse(gun), gun, "https://" + name, {},
                                registry::TrustAccess::administer);
  std::map<std::string, Bytes> files;
  for (const char* role : {"root", "targets", "snapshot"}) {
    files[role] = notary.fetch(tuf::MetadataFile{role, std::string(role) + ".json", 100'000}).bytes;
  }
  using Kind = registry::Publication::Kind;
  CHECK(writer.publish(files).kind == Kind::conflict);
  const tuf::MetadataReply old_key = writer.server_key("timestamp");
  REQUIRE(old_key.kind == tuf::MetadataReply::Kind::found);
  CHECK(json::parse("key", old_key.bytes).object().at("keytype").string() == "ed25519");
  Program emptied({"curl", "-sf", "--cacert", certificate.string(), "-X", "DELETE",
                   "https://" + name + "/v2/" + gun + "/_trust/tuf/"},
                  world.folder.path() / "curl.log");
  REQUIRE(emptied.wait() == 0);
  CHECK(notary.fetch(tuf::MetadataFile{"root", "root.json", 100'000}).kind == tuf::MetadataReply::Kind::missing);
  const registry::Publication without_root = writer.publish({{"targets", files.at("targets")}});
  CHECK(without_root.kind == Kind::refused);
  CHECK(without_root.detail.find("INVALID_UPDATE") != std::string::npos);
  CHECK(writer.publish({{"root", bytes_of("no JSON")}}).kind == Kind::refused);
  const tuf::MetadataReply new_key = writer.new_server_key("timestamp");
  REQUIRE(new_key.kind == tuf::MetadataReply::Kind::found);
  CHECK(new_key.bytes != old_key.bytes);
}
