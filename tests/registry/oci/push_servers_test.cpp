// SPDX-License-Identifier: Apache-2.0
//
// Writing to the real docker-registry: empty at first, read-only, behind a proxy with limits, with tokens.
#include <ctime>
#include <memory>

#include "registry/http/certificates.h"
#include "registry/http/collector.h"
#include "registry/http/http.h"
#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"
#include "tests/support/real_servers.h"

using namespace hallmark;
using registry::Access;
using registry::Client;
using registry::Delivery;
using test::Asked;
using test::Foul;
using test::Kept;
using test::LoopbackServer;
using test::Program;
using test::TlsIdentity;
using test::Told;
using test::World;

namespace {

const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";

/// An empty docker-registry; `more` are lines of its configuration.
class Registry {
 public:
  Registry(World& world, const std::string& more) : port_(test::free_port()) {
    const std::string storage = (world.folder.path() / "registry").string();
    const auto config = world.folder.write(
        "registry.yml", "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n" + more +
                            "\nstorage: {filesystem: {rootdirectory: " + storage +
                            "}, maintenance: {uploadpurging: {enabled: false}, readonly: {enabled: " +
                            (more.find("#readonly") == std::string::npos ? "false" : "true") +
                            "}}}\nhttp: {addr: \"127.0.0.1:" + std::to_string(port_) + "\"}\n");
    program_ = std::make_unique<Program>(std::vector<std::string>{"docker-registry", "serve", config.string()},
                                         world.folder.path() / "registry.log");
    program_->wait_for_port(port_);
  }
  [[nodiscard]] std::string name() const { return "localhost:" + std::to_string(port_); }

 private:
  int port_;
  std::unique_ptr<Program> program_;
};

store::Descriptor descriptor_of(const std::string& type, const std::string& bytes) {
  return store::Descriptor{type, Digest::of(view_of(bytes)), bytes.size(), std::nullopt, {}};
}

Delivery put(Client& client, const std::string& bytes, const std::optional<std::string>& from) {
  store::BytesReader reader(view_of(bytes));
  return client.put_blob(descriptor_of("x", bytes), reader, from);
}

store::Document manifest_of(const std::string& config, const std::string& layer) {
  const std::string text = R"({"schemaVersion":2,"mediaType":")" + kManifestType +
                           R"(","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":)" +
                           std::to_string(config.size()) + R"(,"digest":")" + Digest::of(view_of(config)).to_string() +
                           R"("},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":)" +
                           std::to_string(layer.size()) + R"(,"digest":")" + Digest::of(view_of(layer)).to_string() +
                           "\"}]}";
  return store::Document{descriptor_of(kManifestType, text), bytes_of(text)};
}

std::string some_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

/// Passes everything on to a registry.
class Relay {
 public:
  explicit Relay(World& world, std::string upstream)
      : upstream_(std::move(upstream)),
        certificates_({}, "", {}),
        http_(world.settings, certificates_, world.settings.timing.connect) {}

  Told pass(const Asked& asked, const std::string& own_name) {
    using registry::Method;
    registry::Request request{registry::Url::parse("http://" + upstream_ + asked.target),
                              registry::Request::Kind::blob,
                              {"X-Forwarded-Host: " + own_name}};
    for (const char* name : {"content-type", "content-range", "authorization", "accept"}) {
      if (asked.has(name)) request.headers.push_back(std::string(name) + ": " + asked.header(name));
    }
    for (const Method method : {Method::head, Method::post, Method::put, Method::patch, Method::remove}) {
      if (registry::method_name(method) == asked.method) request.method = method;
    }
    store::BytesReader body(view_of(asked.body));
    request.body = &body;
    registry::Collector collector(std::uint64_t{1} << 30U);
    const registry::Exchange exchange = http_.perform(request, collector);
    Told told;
    told.status = exchange.status();
    for (const char* name : {"location", "range", "docker-content-digest", "content-type"}) {
      if (const auto value = exchange.head().headers.find(name)) told.headers.emplace_back(name, *value);
    }
    told.body = string_of(collector.bytes());
    if (asked.method == "HEAD") told.announced = exchange.head().length();
    return told;
  }

 private:
  std::string upstream_;
  registry::Certificates certificates_;
  registry::Http http_;
};

}  // namespace

TEST_CASE("an image goes into a docker-registry and comes back", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const Registry registry(world, "");
  Client client(world.settings, Reference::parse(registry.name() + "/lib/app"), Access::push);
  const std::string layer = some_bytes(3'000'000);
  const std::string config = "{}";
  const store::Document document = manifest_of(config, layer);
  CHECK_FALSE(client.has_blob(descriptor_of("x", layer)));
  CHECK_FALSE(client.has_manifest(document.descriptor.digest));
  CHECK(put(client, layer, std::nullopt) == Delivery::sent);
  CHECK(client.has_blob(descriptor_of("x", layer)));
  REQUIRE_FAULT(client.put_manifest(document), Fault::unavailable);
  CHECK(test::message_of([&] { client.put_manifest(document); }).find("MANIFEST_BLOB_UNKNOWN") != std::string::npos);
  CHECK(put(client, config, std::nullopt) == Delivery::sent);
  client.put_manifest(document);
  CHECK(client.has_manifest(document.descriptor.digest));
  REQUIRE_FAULT(client.manifest("1.0"), Fault::missing);
  client.put_manifest(document, "1.0");
  CHECK(client.manifest("1.0").bytes == document.bytes);
  CHECK(client.tags() == std::vector<std::string>{"1.0"});
  Kept kept;
  client.fetch(descriptor_of("x", layer), kept);
  CHECK(kept.text == layer);

  Client other(world.settings, Reference::parse(registry.name() + "/lib/other"), Access::push);
  CHECK(put(other, layer, "lib/app") == Delivery::mounted);
  CHECK(other.has_blob(descriptor_of("x", layer)));
  CHECK(put(other, "unknown there", "lib/app") == Delivery::sent);
  CHECK(other.has_blob(descriptor_of("x", "unknown there")));
}

TEST_CASE("a docker-registry that is given other bytes than were promised refuses them", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const Registry registry(world, "");
  Client client(world.settings, Reference::parse(registry.name() + "/lib/app"), Access::push);
  store::BytesReader reader(view_of("damaged"));
  REQUIRE_FAULT(client.put_blob(descriptor_of("x", "genuine"), reader, std::nullopt), Fault::corrupt);
  CHECK_FALSE(client.has_blob(descriptor_of("x", "genuine")));
  CHECK_FALSE(client.has_blob(descriptor_of("x", "damaged")));
}

TEST_CASE("a docker-registry that is read-only says so", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const Registry registry(world, "#readonly");
  Client client(world.settings, Reference::parse(registry.name() + "/lib/app"), Access::push);
  REQUIRE_FAULT(put(client, "blob", std::nullopt), Fault::unavailable);
  CHECK(test::message_of([&] { put(client, "blob", std::nullopt); }).find("read-only") != std::string::npos);
}

TEST_CASE("a docker-registry behind a proxy that takes little and cuts", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const Registry registry(world, "");
  Relay relay(world, registry.name());
  std::string own_name;
  LoopbackServer proxy([&](const Asked& asked) { return relay.pass(asked, own_name); });
  own_name = proxy.name();
  Client client(world.settings, Reference::parse(proxy.name() + "/lib/app"), Access::push);
  const std::string layer = some_bytes(5'000'000);
  SECTION("a limit for the size of a request leads to chunks") {
    proxy.foul([](const Asked& asked) {
      Told refusal;
      refusal.status = 413;
      const bool large = asked.has("content-length") && std::stoul(asked.header("content-length")) > 1'048'576;
      return large ? Foul{refusal, {}} : Foul{};
    });
    CHECK(put(client, layer, std::nullopt) == Delivery::sent);
    std::size_t chunks = 0;
    for (const Asked& asked : proxy.asked()) {
      if (asked.method == "PATCH" && !asked.body.empty()) ++chunks;
    }
    CHECK(chunks == 5);
  }
  SECTION("a cut is mended") {
    proxy.foul([done = std::make_shared<int>(0)](const Asked& asked) {
      const bool is_body = asked.method == "PUT" || asked.method == "PATCH";
      return is_body && ++*done <= 2 ? Foul{{}, 1000} : Foul{};
    });
    CHECK(put(client, layer, std::nullopt) == Delivery::sent);
  }
  Kept kept;
  client.fetch(descriptor_of("x", layer), kept);
  CHECK(kept.text == layer);
}

TEST_CASE("a docker-registry that wants tokens for writing and mounting", "[registry][servers]") {
  if (!test::is_installed("docker-registry")) return;
  World world;
  const TlsIdentity signer({});
  std::string allowed = R"({"type":"repository","name":"lib/app","actions":["pull","push"]})";
  const LoopbackServer tokens([&](const Asked&) {
    const long now = static_cast<long>(std::time(nullptr));
    Told told;
    told.body = R"({"token":")" +
                signer.token(R"({"iss":"test","sub":"alice","aud":"svc","exp":)" + std::to_string(now + 300) +
                             ",\"nbf\":" + std::to_string(now - 60) + ",\"iat\":" + std::to_string(now) +
                             ",\"jti\":\"1\",\"access\":[" + allowed + "]}") +
                R"(","expires_in":300})";
    return told;
  });
  const auto bundle = world.folder.write("token.crt", signer.certificate_pem());
  const Registry registry(world, "auth: {token: {realm: \"http://" + tokens.name() +
                                     "/token\", service: svc, issuer: test, rootcertbundle: " + bundle.string() + "}}");
  world.set_config(R"({"auths":{")" + registry.name() + R"(":{"auth":")" + base64_of(view_of("alice:s3cret")) +
                   "\"}}}");
  Client client(world.settings, Reference::parse(registry.name() + "/lib/app"), Access::push);
  CHECK(put(client, "a blob", std::nullopt) == Delivery::sent);
  REQUIRE(tokens.asked().size() == 1);
  CHECK(tokens.asked().at(0).target.find("scope=repository%3Alib%2Fapp%3Apull%2Cpush") != std::string::npos);

  SECTION("the right to read the other repository is asked for besides") {
    allowed += R"(,{"type":"repository","name":"lib/other","actions":["pull","push"]})";
    Client other(world.settings, Reference::parse(registry.name() + "/lib/other"), Access::push);
    CHECK(put(other, "a blob", "lib/app") == Delivery::mounted);
    CHECK(tokens.asked().back().target.find("scope=repository%3Alib%2Fapp%3Apull") != std::string::npos);
  }
  SECTION("without that right the blob is sent") {
    allowed = R"({"type":"repository","name":"lib/other","actions":["pull","push"]})";
    Client other(world.settings, Reference::parse(registry.name() + "/lib/other"), Access::push);
    CHECK(put(other, "a blob", "lib/app") == Delivery::sent);
    CHECK(other.has_blob(descriptor_of("x", "a blob")));
  }
  SECTION("who may only read is told so") {
    allowed = R"({"type":"repository","name":"lib/app","actions":["pull"]})";
    Client reader(world.settings, Reference::parse(registry.name() + "/lib/app"), Access::push);
    REQUIRE_FAULT(put(reader, "another", std::nullopt), Fault::unauthorized);
  }
}
