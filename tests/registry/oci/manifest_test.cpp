// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using test::Asked;
using test::LoopbackServer;
using test::Told;
using test::World;

namespace {

const std::string kType = "application/vnd.oci.image.manifest.v1+json";
const std::string kDockerType = "application/vnd.docker.distribution.manifest.v2+json";
const std::string kConfig = R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:)" +
                            std::string(64, '0') + R"(","size":2},"layers":[])";
const std::string kManifest = R"({"schemaVersion":2,"mediaType":")" + kType + "\"," + kConfig + "}";
const std::string kUntyped = R"({"schemaVersion":2,)" + kConfig + "}";

std::string digest_of(const std::string& text) { return Digest::of(view_of(text)).to_string(); }

Told manifest(const std::string& body, const std::string& type = kType) {
  Told told;
  told.headers = {{"Content-Type", type}, {"Docker-Content-Digest", digest_of(body)}};
  told.body = body;
  return told;
}

store::Document ask(World& world, const LoopbackServer& server) {
  return registry::Client(world.settings, Reference::parse(server.name() + "/lib/app:1")).manifest("1");
}

store::Document ask(World& world, const LoopbackServer& server, const std::string& digest,
                    std::optional<std::uint64_t> size) {
  return registry::Client(world.settings, Reference::parse(server.name() + "/lib/app:1"))
      .manifest(Digest::parse(digest), size);
}

}  // namespace

TEST_CASE("a manifest is asked for by tag with all four types on one line", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return manifest(kManifest); });
  const store::Document document = ask(world, server);
  CHECK(document.descriptor.digest.to_string() == digest_of(kManifest));
  CHECK(document.descriptor.size == kManifest.size());
  CHECK(document.descriptor.media_type == kType);
  CHECK(string_of(document.bytes) == kManifest);
  REQUIRE(server.asked().size() == 1);
  const Asked asked = server.asked()[0];
  CHECK(asked.target == "/v2/lib/app/manifests/1");
  CHECK(asked.header("accept").find("vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, ") !=
        std::string::npos);
  CHECK(asked.header("user-agent") == "hallmark/test");
  CHECK_FALSE(asked.has("accept-encoding"));
  CHECK_FALSE(asked.has("authorization"));
}

TEST_CASE("a manifest is asked for by digest and must be it", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return manifest(kManifest); });
  CHECK(ask(world, server, digest_of(kManifest), kManifest.size()).descriptor.size == kManifest.size());
  CHECK(server.asked()[0].target == "/v2/lib/app/manifests/" + digest_of(kManifest));
  REQUIRE_FAULT(ask(world, server, digest_of("other"), std::nullopt), Fault::corrupt);
  REQUIRE_FAULT(ask(world, server, digest_of(kManifest), kManifest.size() + 1), Fault::corrupt);
}

TEST_CASE("a digest of another algorithm is checked with that algorithm", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return manifest(kManifest); });
  const std::string digest = Digest::of(view_of(kManifest), Algorithm::sha512).to_string();
  CHECK(ask(world, server, digest, std::nullopt).descriptor.digest.to_string() == digest);
  const std::string other = Digest::of(view_of("other"), Algorithm::sha512).to_string();
  REQUIRE_FAULT(ask(world, server, other, std::nullopt), Fault::corrupt);
}

TEST_CASE("the type is what the sender and the document agree on", "[registry]") {
  World world;
  std::string type = kType + "; charset=utf-8";
  std::string body = kUntyped;
  const LoopbackServer server([&](const Asked&) { return manifest(body, type); });
  CHECK(ask(world, server).descriptor.media_type == kType);
  type = "APPLICATION/vnd.oci.image.manifest.v1+json ;x";
  CHECK(ask(world, server).descriptor.media_type == kType);
  body = kManifest;
  type = "application/json";
  CHECK(ask(world, server).descriptor.media_type == kType);
  type = kDockerType;
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  type = "text/html";
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
}

TEST_CASE("schema 1 is refused and called by its name", "[registry]") {
  World world;
  std::string type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
  const LoopbackServer server([&](const Asked&) {
    Told told = manifest(R"({"schemaVersion":1,"fsLayers":[]})", type);
    told.headers[1].second = digest_of("the payload without its signatures");
    return told;
  });
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  CHECK(test::message_of([&] { ask(world, server); }).find("schema 1") != std::string::npos);
  type = "application/json";
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
}

TEST_CASE("a false Docker-Content-Digest is a contradiction, an absent or unknown one is not", "[registry]") {
  World world;
  std::string header = digest_of("other");
  const LoopbackServer server([&](const Asked&) {
    Told told = manifest(kManifest);
    told.headers[1].second = header;
    return told;
  });
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  REQUIRE_FAULT(ask(world, server, digest_of(kManifest), std::nullopt), Fault::corrupt);
  header = "sha256:nonsense";
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  header = Digest::of(view_of("other"), Algorithm::sha512).to_string();
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  header = Digest::of(view_of(kManifest), Algorithm::sha512).to_string();
  REQUIRE_NOTHROW(ask(world, server));
  header = "blake9:1234";
  REQUIRE_NOTHROW(ask(world, server));
}

TEST_CASE("a manifest has a limit, announced or not, and an endless one ends there", "[registry]") {
  World world;
  Told told = manifest(std::string(65536, ' '));
  const LoopbackServer server([&](const Asked&) { return told; });
  told.endless = true;
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  told.endless = false;
  told.announced = (4U << 20U) + 1;
  REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  CHECK(server.asked().size() == 2);
}

TEST_CASE("hostile JSON is refused", "[registry]") {
  World world;
  std::string body;
  const LoopbackServer server([&](const Asked&) { return manifest(body); });
  for (const std::string& hostile :
       {std::string(100'000, '['), R"({"schemaVersion":2,"layers":[],"manifests":[]})" + std::string(),
        "{\"schemaVersion\":2,\"schemaVersion\":2," + kConfig + "}", std::string("\xef\xbb\xbf") + kManifest,
        std::string("null"), std::string("<html>"), std::string(), kManifest + kManifest}) {
    body = hostile;
    REQUIRE_FAULT(ask(world, server), Fault::corrupt);
  }
}

TEST_CASE("statuses become faults, with the registry's own words", "[registry]") {
  World world;
  Told told;
  const LoopbackServer server([&](const Asked&) { return told; });
  const auto says = [&](int status, const std::string& code) {
    told.status = status;
    told.body = R"({"errors":[{"code":")" + code + R"(","message":"so it is","detail":null}]})";
    return test::message_of([&] { ask(world, server); });
  };
  const std::string missing = says(404, "MANIFEST_UNKNOWN");
  CHECK(missing.find(server.name() + "/lib/app:1: ") == 0);
  CHECK(missing.find("so it is (MANIFEST_UNKNOWN, HTTP 404)") != std::string::npos);
  REQUIRE_FAULT(ask(world, server), Fault::missing);
  says(401, "UNAUTHORIZED");
  REQUIRE_FAULT(ask(world, server), Fault::unauthorized);
  says(403, "DENIED");
  REQUIRE_FAULT(ask(world, server), Fault::unauthorized);
  for (const int status : {400, 405, 412, 418, 500, 503}) {
    CHECK(says(status, "X").find("so it is (X, HTTP " + std::to_string(status) + ")") != std::string::npos);
    REQUIRE_FAULT(ask(world, server), Fault::unavailable);
  }
}

TEST_CASE("an error body of binary is survived, and one without end is no answer", "[registry]") {
  World world;
  Told told;
  told.status = 404;
  told.body = std::string(65536, '\x1b');
  const LoopbackServer server([&](const Asked&) { return told; });
  REQUIRE_FAULT(ask(world, server), Fault::missing);
  told.endless = true;
  REQUIRE_FAULT(ask(world, server), Fault::unavailable);
  CHECK(test::message_of([&] { ask(world, server); }).find('\x1b') == std::string::npos);
}

TEST_CASE("a server that fails for a while is asked again, five times in all", "[registry]") {
  World world;
  const int failures = GENERATE(1, 4, 5);
  const int status = GENERATE(429, 500, 503);
  std::atomic<int> count = 0;
  const LoopbackServer server([&](const Asked&) {
    if (count++ >= failures) return manifest(kManifest);
    Told told;
    told.status = status;
    return told;
  });
  if (failures < 5) {
    REQUIRE_NOTHROW(ask(world, server));
    CHECK(count == failures + 1);
    CHECK(world.notices().size() == static_cast<std::size_t>(failures));
  } else {
    REQUIRE_FAULT(ask(world, server), Fault::unavailable);
    CHECK(count == 5);
  }
}

TEST_CASE("Retry-After is waited for", "[registry]") {
  World world;
  std::atomic<int> count = 0;
  const LoopbackServer server([&](const Asked&) {
    if (count++ > 0) return manifest(kManifest);
    Told told;
    told.status = 429;
    told.headers = {{"Retry-After", "1"}};
    return told;
  });
  const auto started = std::chrono::steady_clock::now();
  REQUIRE_NOTHROW(ask(world, server));
  CHECK(std::chrono::steady_clock::now() - started >= std::chrono::seconds(1));
}

TEST_CASE("a Retry-After beyond all patience ends it at once, and is told", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) {
    Told told;
    told.status = 429;
    told.headers = {{"Retry-After", "7200"}};
    return told;
  });
  CHECK(test::message_of([&] { ask(world, server); }).find("it asks for 7200 s, until ") != std::string::npos);
  CHECK(server.asked().size() == 1);
}

TEST_CASE("what is not HTTP, or has endless headers, is no answer", "[registry]") {
  World world;
  Told told;
  const LoopbackServer server([&](const Asked&) { return told; });
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int index = 0; index < 5000; ++index)
    many += "X-" + std::to_string(index) + ": " + std::string(40, 'x') + "\r\n";
  // For libcurl a line that begins with a blank belongs to the one before it.
  const std::string begun = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  for (const std::string& raw : {begun + " \r\nTransfer-Encoding: identity\r\n\r\n{}", begun + "\tX: y\r\n\r\n{}",
                                 std::string("garbage\r\n\r\n"), many + "\r\n", std::string("HTTP/1.1 x\r\n\r\n"),
                                 "HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x') + "\r\n\r\n"}) {
    told.raw = raw;
    REQUIRE_FAULT(ask(world, server), Fault::unavailable);
  }
}

TEST_CASE("a connection that closes without a word is tried again and given up", "[registry]") {
  World world;
  const LoopbackServer server([&](const Asked&) {
    Told told;
    told.raw = "";
    return told;
  });
  REQUIRE_FAULT(ask(world, server), Fault::unavailable);
  CHECK(server.asked().size() >= 5);
}

TEST_CASE("a silent server is given up", "[registry]") {
  World world;
  const LoopbackServer server([&](const Asked&) {
    Told told = manifest(kManifest);
    told.silence = std::chrono::seconds(20);
    return told;
  });
  world.settings.timing.first_wait = std::chrono::milliseconds(1);
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  REQUIRE_FAULT(client.manifest("1"), Fault::unavailable);
}

TEST_CASE("a raised flag ends waiting for an answer, and waiting between tries", "[registry]") {
  World world;
  std::atomic<bool> interrupted = false;
  world.settings.interrupted = &interrupted;
  const bool between_tries = GENERATE(true, false);
  const LoopbackServer server([&](const Asked&) {
    Told told = manifest(kManifest);
    if (between_tries) {
      told.status = 503;
    } else {
      told.silence = std::chrono::seconds(20);
    }
    return told;
  });
  world.settings.timing.first_byte = std::chrono::seconds(20);
  world.settings.timing.first_wait = std::chrono::seconds(20);
  world.settings.timing.longest_wait = std::chrono::seconds(20);
  std::thread raise([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    interrupted = true;
  });
  const auto started = std::chrono::steady_clock::now();
  const auto fault = test::fault_of([&] { ask(world, server); });
  raise.join();
  CHECK(fault == Fault::interrupted);
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(5));
}

TEST_CASE("a server that refuses connections is tried as often as one that cuts them", "[registry]") {
  World world;
  const std::string name = "localhost:" + std::to_string(test::free_port()) + "/x:1";
  registry::Client client(world.settings, Reference::parse(name));
  const std::string message = test::message_of([&] { static_cast<void>(client.manifest("1")); });
  CHECK(message.find("refused") != std::string::npos);
  CHECK(world.notices().size() == 4);
  REQUIRE_FAULT(client.manifest("1"), Fault::unavailable);
}

TEST_CASE("a name that does not exist is asked for once more", "[registry]") {
  World world;
  registry::Client client(world.settings, Reference::parse("registry.invalid/x:1"));
  REQUIRE_FAULT(client.manifest("1"), Fault::unavailable);
  CHECK(world.notices().size() == 1);
}

TEST_CASE("a tag that is none is not asked for", "[registry]") {
  World world;
  const LoopbackServer server([&](const Asked&) { return manifest(kManifest); });
  registry::Client client(world.settings, Reference::parse(server.name() + "/x:1"));
  REQUIRE_FAULT(client.manifest("../../etc"), Fault::usage);
  CHECK(server.asked().empty());
}

TEST_CASE("a registry's warning is passed on once", "[registry]") {
  World world;
  const LoopbackServer server([&](const Asked&) {
    Told told = manifest(kManifest);
    told.headers.emplace_back("Warning", "299 - \"This image is deprecated\"");
    return told;
  });
  registry::Client client(world.settings, Reference::parse(server.name() + "/x:1"));
  static_cast<void>(client.manifest("1"));
  static_cast<void>(client.manifest("1"));
  CHECK(world.notices() == std::vector<std::string>{"warning from " + server.name() + ": This image is deprecated"});
}

TEST_CASE("connections are kept", "[registry]") {
  World world;
  const LoopbackServer server([&](const Asked&) { return manifest(kManifest); });
  registry::Client client(world.settings, Reference::parse(server.name() + "/x:1"));
  for (int index = 0; index < 5; ++index) static_cast<void>(client.manifest("1"));
  CHECK(server.asked().size() == 5);
  CHECK(server.connections() == 1);
}
