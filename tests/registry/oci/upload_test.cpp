// SPDX-License-Identifier: Apache-2.0
//
// Uploads to a registry that keeps to the specification, and to one that does not.

#include <algorithm>
#include <map>

#include "tests/registry/shelf.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::Access;
using registry::Client;
using registry::Delivery;
using test::Asked;
using test::Foul;
using test::refusal;
using test::Scene;
using test::status;
using test::Told;

namespace {

constexpr std::size_t kLarge = (std::size_t{16} << 20U) + 5000;  // more than one chunk

store::Document manifest_document(const std::string& text) {
  return store::Document{
      store::Descriptor{
          "application/vnd.oci.image.manifest.v1+json", Digest::of(view_of(text)), text.size(), std::nullopt, {}},
      bytes_of(text)};
}

}  // namespace

TEST_CASE("a blob goes out in one PUT to the place that the server named", "[registry][upload]") {
  Scene scene(5000);
  CHECK(scene.put({}) == Delivery::sent);
  CHECK(scene.has_it());
  CHECK(scene.methods() == "POST PUT HEAD");
  CHECK(scene.server.asked().at(0).target == "/v2/a/b/blobs/uploads/");
  CHECK(scene.server.asked().at(1).target ==
        "/v2/a/b/blobs/uploads/1?state=1&digest=sha256%3A" + scene.blob().digest.hex());
  CHECK(scene.server.asked().at(1).header("content-type") == "application/octet-stream");
}

TEST_CASE("a blob without bytes is a blob", "[registry][upload]") {
  Scene scene(0);
  CHECK(scene.put({}) == Delivery::sent);
  CHECK(scene.has_it());
}

TEST_CASE("whether a blob is there, and that it has the size it should have", "[registry][upload]") {
  Scene scene(5000);
  Client client(scene.world.settings, Reference::parse(scene.server.name() + "/a/b"), Access::push);
  CHECK_FALSE(client.has_blob(scene.blob()));
  scene.put({});
  CHECK(client.has_blob(scene.blob()));
  store::Descriptor other = scene.blob();
  ++other.size;
  REQUIRE_FAULT(client.has_blob(other), Fault::corrupt);
  scene.lie = [](const Asked&) { return status(503, {}); };
  // Whoever cannot be asked is sent it.
  CHECK_FALSE(client.has_blob(scene.blob()));
}

TEST_CASE("a HEAD that is refused or fails spares no upload, and ends none", "[registry][upload]") {
  Scene scene(5000);
  const int number = GENERATE(403, 400, 500, 503);
  scene.lie = [&, number](const Asked& asked) {
    if (asked.method != "HEAD") return scene.shelf(asked);
    Told told = status(number, {});
    told.body = std::string(2'000'000, 'x');  // whose length alone is told
    return told;
  };
  Client client(scene.world.settings, Reference::parse(scene.server.name() + "/a/b"), Access::push);
  CHECK_FALSE(client.has_blob(scene.blob()));
  CHECK_FALSE(client.has_manifest(scene.blob().digest));
  if (number == 403) return;  // who may not look at what was sent is told
  CHECK(scene.put({}) == Delivery::sent);
  CHECK(scene.world.said().find("does not let anybody look whether it has it") != std::string::npos);
}

TEST_CASE("a blob of another repository is mounted and not sent", "[registry][upload]") {
  Scene scene(5000);
  CHECK(scene.put("other/one") == Delivery::mounted);
  CHECK(scene.methods() == "POST HEAD");
  CHECK(scene.server.asked().at(0).target ==
        "/v2/a/b/blobs/uploads/?mount=sha256%3A" + scene.blob().digest.hex() + "&from=other/one");
}

TEST_CASE("what cannot be mounted is sent", "[registry][upload]") {
  Scene scene(5000);
  SECTION("the server opens a session instead") {
    CHECK(scene.put("unknown/one") == Delivery::sent);
    CHECK(scene.methods() == "POST PUT HEAD");
  }
  SECTION("the other repository is none of ours") {
    CHECK(scene.put("private/one") == Delivery::sent);
    CHECK(scene.methods() == "POST POST PUT HEAD");
    CHECK(scene.server.asked().at(1).target == "/v2/a/b/blobs/uploads/");
  }
  CHECK(scene.has_it());
}

TEST_CASE("a mount that fails is followed by the upload, whatever it answered", "[registry][upload]") {
  Scene scene(5000);
  const int number = GENERATE(500, 503, 400, 401, 429, 0);
  scene.lie = [&, number](const Asked& asked) {
    if (asked.target.find("mount=") == std::string::npos) return scene.shelf(asked);
    Told told = status(number == 0 ? 201 : number, {{"Retry-After", "7200"}});
    if (number == 0) told.raw = "";
    return told;
  };
  CHECK(scene.put("other/one") == Delivery::sent);
  CHECK(scene.has_it());
}

TEST_CASE("after a cut the upload goes on where the server says it is", "[registry][upload]") {
  Scene scene(kLarge);
  SECTION("in the PUT of the whole, of which the server kept a part") {
    scene.server.foul([&, done = std::make_shared<bool>(false)](const Asked& asked) {
      if (*done || asked.method != "PUT") return Foul{};
      *done = true;
      scene.shelf.data = scene.bytes.substr(0, 100'000);
      return Foul{{}, 200'000};
    });
    CHECK(scene.put({}) == Delivery::sent);
    CHECK(scene.methods() == "POST PUT HEAD GET PATCH PUT HEAD");
    CHECK(scene.server.asked().at(4).header("content-range") == "100000-" + std::to_string(kLarge - 1));
  }
  SECTION("between two chunks") {
    scene.foul_once("PUT", Foul{status(413, {}), {}});
    scene.shelf.data.clear();
    CHECK(scene.put({}) == Delivery::sent);
    CHECK(scene.methods() == "POST PUT GET DELETE POST PATCH PATCH PUT HEAD");
  }
  CHECK(scene.has_it());
  CHECK_FALSE(scene.shelf.open);
}

TEST_CASE("a server that does not say where it is gets the blob from its beginning", "[registry][upload]") {
  Scene scene(5000);
  scene.shelf.forgets = true;
  scene.foul_once("PUT", Foul{{}, 1000});
  CHECK(scene.put({}) == Delivery::sent);
  CHECK(scene.has_it());
  CHECK(scene.methods() == "POST PUT HEAD GET DELETE POST PATCH PUT HEAD");
  CHECK(scene.shelf.sessions == 2);
}

TEST_CASE("an upload that was taken although the answer was lost is not sent again", "[registry][upload]") {
  Scene scene(5000);
  scene.lie = [&](const Asked& asked) {
    Told told = scene.shelf(asked);
    if (asked.method == "PUT") told.raw = "";
    return told;
  };
  CHECK(scene.put({}) == Delivery::sent);
  CHECK(scene.methods() == "POST PUT HEAD HEAD");
  CHECK(scene.has_it());
}

TEST_CASE("chunks shrink until a proxy takes them, and are never smaller than the server wants", "[registry][upload]") {
  Scene scene(5'000'000);
  scene.server.foul([](const Asked& asked) {
    const bool is_large = asked.has("content-length") && std::stoul(asked.header("content-length")) > 2'000'000;
    return is_large ? Foul{status(413, {}), {}} : Foul{};
  });
  SECTION("small ones are fine") {
    CHECK(scene.put({}) == Delivery::sent);
    CHECK(scene.has_it());
    std::size_t most = 0;
    for (const Asked& asked : scene.server.asked()) most = std::max(most, asked.body.size());
    CHECK(most == std::size_t{1} << 20U);
  }
  SECTION("the server wants larger ones than the proxy") {
    scene.shelf.least_chunk = "4000000";
    REQUIRE_FAULT(scene.put({}), Fault::unavailable);
    CHECK(test::message_of([&] { scene.put({}); }).find("takes nothing so large") != std::string::npos);
    CHECK_FALSE(scene.shelf.open);
  }
}

TEST_CASE("a server that loses chunks or hides where it is is given up in the end", "[registry][upload]") {
  Scene scene(40'000'000);
  scene.foul_once("PUT", Foul{status(413, {}), {}});
  SECTION("it takes only the first chunk") { scene.shelf.drops_chunks = true; }
  SECTION("it never says how much it has") { scene.shelf.silent_about_range = true; }
  REQUIRE_FAULT(scene.put({}), Fault::unavailable);
  CHECK_FALSE(scene.shelf.open);
  CHECK(scene.shelf.blobs.empty());
}

TEST_CASE("bytes that are not the digest are told from bytes that changed on the way", "[registry][upload]") {
  Scene scene(5000);
  Client client(scene.world.settings, Reference::parse(scene.server.name() + "/a/b"), Access::push);
  const store::Descriptor promised = scene.blob();
  std::string damaged = scene.bytes;
  damaged[7] = '!';
  const auto send = [&](const std::string& text) {
    store::BytesReader reader(view_of(text));
    client.put_blob(promised, reader, std::nullopt);
  };
  REQUIRE_FAULT(send(damaged), Fault::corrupt);
  CHECK(test::message_of([&] { send(damaged); }).find("found " + Digest::of(view_of(damaged)).to_string()) !=
        std::string::npos);
  REQUIRE_FAULT(send(damaged + "more"), Fault::corrupt);
  scene.lie = [&](const Asked& asked) {
    return asked.method == "PUT" ? refusal(400, "DIGEST_INVALID", "no") : scene.shelf(asked);
  };
  REQUIRE_FAULT(send(scene.bytes), Fault::corrupt);
  CHECK(test::message_of([&] { send(scene.bytes); }).find("received other bytes") != std::string::npos);
}

TEST_CASE("a registry that contradicts itself at the end is not believed", "[registry][upload]") {
  Scene scene(5000);
  scene.lie = [&](const Asked& asked) {
    Told told = scene.shelf(asked);
    if (asked.method == "PUT") told.headers = {{"Docker-Content-Digest", "sha256:" + std::string(64, 'a')}};
    return told;
  };
  REQUIRE_FAULT(scene.put({}), Fault::corrupt);
}

TEST_CASE("why a registry takes nothing is said", "[registry][upload]") {
  const auto said = [](int number, const std::string& code, const std::string& message) {
    Scene scene(5000);
    scene.lie = [=](const Asked&) { return refusal(number, code, message); };
    CHECK(scene.server.asked().empty());
    REQUIRE_FAULT(scene.put({}), Fault::unavailable);
    return test::message_of([&] { scene.put({}); });
  };
  CHECK(said(405, "UNSUPPORTED", "The operation is unsupported.").find("read-only") != std::string::npos);
  CHECK(said(403, "DENIED", "adding 3.0 MiB will exceed the configured upper limit").find("no room") !=
        std::string::npos);
  CHECK(said(412, "PRECONDITION", "quota reached").find("no room") != std::string::npos);
  CHECK(said(507, "UNKNOWN", "x").find("no room") != std::string::npos);
  CHECK(said(429, "TOOMANYREQUESTS", "Rate exceeded").find("no room") == std::string::npos);
  Scene denied(5000);
  denied.lie = [](const Asked&) { return refusal(403, "DENIED", "not yours"); };
  REQUIRE_FAULT(denied.put({}), Fault::unauthorized);
  denied.lie = [](const Asked&) { return refusal(404, "NAME_UNKNOWN", "no such repository"); };
  REQUIRE_FAULT(denied.put({}), Fault::missing);
  denied.lie = [](const Asked&) { return status(202, {}); };
  REQUIRE_FAULT(denied.put({}), Fault::unavailable);
}

TEST_CASE("a manifest is put by digest or by tag, with its type, and again after a doubt", "[registry][upload]") {
  Scene scene(0);
  Client client(scene.world.settings, Reference::parse(scene.server.name() + "/a/b"), Access::push);
  const std::string text = R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"})";
  const store::Document document = manifest_document(text);
  const std::string digest = document.descriptor.digest.to_string();
  CHECK_FALSE(client.has_manifest(document.descriptor.digest));
  client.put_manifest(document);
  CHECK(client.has_manifest(document.descriptor.digest));
  CHECK(scene.shelf.manifests == std::map<std::string, std::string>{{digest, text}});
  CHECK(scene.server.asked().back().header("accept").find("image.index") != std::string::npos);
  scene.foul_once("PUT", Foul{{}, 1});
  client.put_manifest(document, "1.0");
  CHECK(scene.shelf.manifests.at("1.0") == text);
  const std::vector<Asked> asked = scene.server.asked();
  const auto put = std::find_if(asked.rbegin(), asked.rend(), [](const Asked& one) { return one.method == "PUT"; });
  CHECK(put->header("content-type") == document.descriptor.media_type);
  REQUIRE_FAULT(client.put_manifest(document, "no tag"), Fault::usage);
  scene.lie = [](const Asked&) { return status(201, {{"Docker-Content-Digest", "sha256:" + std::string(64, 'b')}}); };
  REQUIRE_FAULT(client.put_manifest(document, "1.0"), Fault::corrupt);
  scene.lie = [](const Asked&) { return refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown"); };
  REQUIRE_FAULT(client.put_manifest(document), Fault::unavailable);
}
