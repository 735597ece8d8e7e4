// SPDX-License-Identifier: Apache-2.0
//
// What a registry shows after it took a manifest is what counts, not that it said yes.
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

const std::string kShownType = "application/vnd.oci.image.manifest.v1+json";

std::string manifest_text(const std::string& mark) {
  return R"({"schemaVersion":2,"mediaType":")" + kShownType + R"(","config":{},"layers":[],"x":")" + mark + "\"}";
}
std::string shown_digest_of(const std::string& text) { return Digest::of(view_of(text)).to_string(); }

Told shown(const std::string& text) {
  Told told;
  told.headers = {{"Content-Type", kShownType}};
  told.body = text;
  return told;
}
Told status(int number) {
  Told told;
  told.status = number;
  return told;
}

/// A registry that says yes to what is put, and shows what `show` says, by the count of times that it was asked.
struct ReadBackScene {
  ReadBackScene()
      : server([this](const Asked& asked) { return asked.method == "PUT" ? status(201) : show(asked, ++times); }),
        client(world.settings, Reference::parse(server.name() + "/a/b"), registry::Access::push) {}

  void tag() { client.put_manifest(document, "1.0"); }
  void by_digest() { client.put_manifest(document); }

  const std::string text = manifest_text("one");
  const store::Document document{{kShownType, Digest::of(view_of(text)), text.size(), std::nullopt, {}},
                                 bytes_of(text)};
  World world;
  int times = 0;
  std::function<Told(const Asked&, int)> show;
  LoopbackServer server;
  registry::Client client;
};

}  // namespace

TEST_CASE("what was put is asked for by tag and by digest, past all caches", "[registry]") {
  ReadBackScene scene;
  scene.show = [&](const Asked&, int) { return shown(scene.text); };
  scene.tag();
  const Asked by_tag = scene.server.asked().back();
  CHECK(by_tag.method == "GET");
  CHECK(by_tag.target == "/v2/a/b/manifests/1.0");
  CHECK(by_tag.header("cache-control") == "no-cache");
  scene.by_digest();
  CHECK(scene.server.asked().back().target == "/v2/a/b/manifests/" + shown_digest_of(scene.text));
  CHECK(scene.server.asked().size() == 4);
  CHECK(scene.world.notices().empty());
}

TEST_CASE("a registry that says yes and keeps nothing is found out", "[registry]") {
  ReadBackScene scene;
  scene.show = [](const Asked&, int) { return status(404); };
  REQUIRE_FAULT(scene.tag(), Fault::unavailable);
  CHECK(scene.times == 4);
  REQUIRE_FAULT(scene.by_digest(), Fault::unavailable);
  const std::string message = test::message_of([&] { scene.tag(); });
  CHECK(message.find("a/b:1.0: ") != std::string::npos);
  CHECK(message.find("expected " + shown_digest_of(scene.text) + ", found nothing") != std::string::npos);
}

TEST_CASE("a registry that gives the tag to something else is found out, whatever digest it claims", "[registry]") {
  ReadBackScene scene;
  const std::string other = manifest_text("two");
  const bool claims = GENERATE(true, false);
  scene.show = [&](const Asked&, int) {
    Told told = shown(other);
    if (claims) told.headers.emplace_back("Docker-Content-Digest", shown_digest_of(scene.text));
    return told;
  };
  REQUIRE_FAULT(scene.tag(), Fault::corrupt);
  REQUIRE_FAULT(scene.by_digest(), Fault::corrupt);
  const std::string message = test::message_of([&] { scene.tag(); });
  CHECK(message.find("expected " + shown_digest_of(scene.text) + ", found " + shown_digest_of(other)) !=
        std::string::npos);
}

TEST_CASE("the right bytes under a false digest or type are of no use to those who pull", "[registry]") {
  ReadBackScene scene;
  Told told = shown(scene.text);
  SECTION("digest") { told.headers.emplace_back("Docker-Content-Digest", "sha256:" + std::string(64, 'a')); }
  SECTION("type") { told.headers = {{"Content-Type", "application/vnd.docker.distribution.manifest.v2+json"}}; }
  SECTION("conversion") {
    told.headers = {{"Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"}};
  }
  scene.show = [&](const Asked&, int) { return told; };
  REQUIRE_FAULT(scene.tag(), Fault::corrupt);
}

TEST_CASE("registries that take a moment to agree are waited for", "[registry]") {
  ReadBackScene scene;
  const bool is_missing = GENERATE(true, false);
  scene.show = [&](const Asked&, int time) {
    if (time == 4) return shown(scene.text);
    return is_missing ? status(404) : shown(manifest_text("before"));
  };
  REQUIRE_NOTHROW(scene.tag());
  CHECK(scene.world.notices().size() == 3);
}

TEST_CASE("what cannot be read back is not said to be there", "[registry]") {
  ReadBackScene scene;
  scene.show = [](const Asked&, int) { return status(500); };
  REQUIRE_FAULT(scene.tag(), Fault::unavailable);
  CHECK(test::message_of([&] { scene.tag(); }).find("read back") != std::string::npos);
  scene.show = [](const Asked&, int) { return status(403); };
  REQUIRE_FAULT(scene.tag(), Fault::unauthorized);
  scene.show = [&](const Asked&, int) {
    Told told = shown(scene.text);
    told.announced = told.body.size() + 500;
    return told;
  };
  REQUIRE_FAULT(scene.tag(), Fault::unavailable);
  scene.show = [&](const Asked&, int) {
    Told told = shown(scene.text);
    told.endless = true;
    return told;
  };
  REQUIRE_FAULT(scene.tag(), Fault::corrupt);
}
