// SPDX-License-Identifier: Apache-2.0
//
// An answer that ended otherwise than its length or its end says is none, whatever was asked and however complete it
// looks.
#include <functional>

#include "registry/http/http_ending.h"
#include "registry/metadata/notary.h"
#include "registry/oci/client.h"
#include "registry/server/login.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::Access;
using registry::Client;
using test::Asked;
using test::LoopbackServer;
using test::TlsIdentity;
using test::Told;
using test::World;

namespace {

const std::string kType = "application/vnd.oci.image.manifest.v1+json";
const std::string kManifest = R"({"schemaVersion":2,"mediaType":")" + kType + R"(","config":{},"layers":[]})";
const std::string kIndex =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})";
const std::string kListOfOne =
    R"({"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":")" +
    Digest::of(view_of(kManifest)).to_string() + "\"}]}";
const std::string kDigest = Digest::of(view_of(kManifest)).to_string();
const std::string kWholeBlob = "the bytes of a blob";

store::Document document() {
  return {{kType, Digest::of(view_of(kManifest)), kManifest.size(), std::nullopt, {}}, bytes_of(kManifest)};
}
store::Descriptor whole_blob() { return {"x", Digest::of(view_of(kWholeBlob)), kWholeBlob.size(), std::nullopt, {}}; }

/// Status line and headers, without any that say where it ends.
std::string head_of(const Told& told) {
  std::string head = "HTTP/1.1 " + std::to_string(told.status) + " Told\r\n";
  for (const auto& [name, value] : told.headers) head.append(name).append(": ").append(value).append("\r\n");
  return head;
}
std::string length(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes) + "\r\n"; }
std::string chunk(const std::string& body) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string size;
  for (std::size_t left = body.size(); left > 0; left /= 16) size.insert(size.begin(), kDigits[left % 16]);
  return size + "\r\n" + body + "\r\n";
}

using Spoil = std::function<std::string(const Told&)>;
const std::string kChunked = "Transfer-Encoding: chunked\r\n";

/// The whole body comes in each of them.
const std::vector<std::pair<std::string, Spoil>> kMishaps{
    {"cut before its length", [](const Told& t) { return head_of(t) + length(t.body.size() + 500) + "\r\n" + t.body; }},
    {"a chunk too few", [](const Told& t) { return head_of(t) + kChunked + "\r\n" + chunk(t.body); }},
    {"the last line missing", [](const Told& t) { return head_of(t) + kChunked + "\r\n" + chunk(t.body) + "0\r\n"; }},
    {"two lengths",
     [](const Told& t) { return head_of(t) + length(t.body.size()) + length(t.body.size()) + "\r\n" + t.body; }},
    {"a length and chunks",
     [](const Told& t) {
       return head_of(t) + length(t.body.size()) + kChunked + "\r\n" + chunk(t.body) + "0\r\n\r\n";
     }},
    {"a header that looks like the beginning of an answer, behind a length",
     [](const Told& t) {
       return head_of(t) + length(t.body.size() + 9) + length(t.body.size()) + "HTTP/x: y\r\n\r\n" + t.body;
     }},
    {"chunks that not all readers see",
     [](const Told& t) { return head_of(t) + length(t.body.size()) + "Transfer-Encoding : chunked\r\n\r\n" + t.body; }},
    {"no number", [](const Told& t) { return head_of(t) + "Content-Length: +9\r\n\r\n" + t.body; }},
    {"a number that the library does not see",
     [](const Told& t) {
       return head_of(t) + "Content-Length : " + std::to_string(t.body.size() + 9) + "\r\n\r\n" + t.body;
     }},
    {"another coding", [](const Told& t) { return head_of(t) + "Transfer-Encoding: identity\r\n\r\n" + t.body; }},
    {"more than its length",
     [](const Told& t) { return head_of(t) + length(t.body.size()) + "\r\n" + t.body + "HTTP/1.1 200 OK\r\n\r\n"; }},
    {"more than its chunks",
     [](const Told& t) { return head_of(t) + kChunked + "\r\n" + chunk(t.body) + "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"; }},
    {"cut in its headers", [](const Told& t) { return head_of(t) + "Content-Le"; }},
};

/// A registry in which everything is there; what `is_spoiled` says comes in a way that is no answer.
class Scene {
 public:
  Scene() : server([this](const Asked& asked) { return answer(asked); }) {
    world.settings.most_tries = 2;
    world.settings.timing.first_wait = std::chrono::milliseconds(1);
  }

  World world;
  Spoil spoil;
  std::function<bool(const Asked&)> is_spoiled = [](const Asked&) { return true; };
  std::function<std::optional<Told>(const Asked&)> instead = [](const Asked&) { return std::nullopt; };
  LoopbackServer server;

  Client client() { return Client(world.settings, Reference::parse(server.name() + "/a/b"), Access::push); }

 private:
  Told answer(const Asked& asked) {
    const auto other = instead(asked);
    Told told = other ? *other : truth(asked);
    if (spoil && is_spoiled(asked)) told.raw = spoil(told);
    return told;
  }
  static Told truth(const Asked& asked) {
    Told told;
    const auto is_about = [&](const char* part) { return asked.target.find(part) != std::string::npos; };
    if (is_about("/tags/list")) {
      told.body = R"({"name":"a/b","tags":["1"]})";
      if (!is_about("page=2")) told.headers = {{"Link", "<?page=2>; rel=\"next\""}};
    } else if (is_about("/referrers/")) {
      told.body = kIndex;
    } else if (asked.method == "POST") {
      told.status = 202;
      told.headers = {{"Location", "/v2/a/b/blobs/uploads/1"}, {"Range", "0-0"}};
    } else if (asked.method == "PUT") {
      told.status = 201;
    } else if (is_about("/manifests/sha256-")) {
      told.body = kIndex;
    } else if (is_about("/manifests/")) {
      told.headers = {{"Content-Type", kType}};
      told.body = kManifest;
    } else {
      told.body = is_about("/blobs/") ? kWholeBlob : "{}";
    }
    return told;
  }
};

Told with_status(int status, const std::string& body) {
  Told told;
  told.status = status;
  told.body = body;
  return told;
}

void put_blob(Client& client) {
  store::BytesReader reader(view_of(kWholeBlob));
  static_cast<void>(client.put_blob(whole_blob(), reader, std::nullopt));
}

bool is_get(const Asked& asked) { return asked.method == "GET"; }

}  // namespace

TEST_CASE("what a registry answers is no answer before its end, whatever was asked", "[registry]") {
  const auto& [name, spoil] = GENERATE(from_range(kMishaps));
  CAPTURE(name);
  Scene scene;
  Client client = scene.client();
  const Digest digest = Digest::parse(kDigest);
  test::Kept kept;
  REQUIRE_NOTHROW(client.manifest("1"));
  CHECK(client.tags().size() == 1);
  CHECK(client.referrers(digest).empty());
  REQUIRE_NOTHROW(put_blob(client));
  REQUIRE_NOTHROW(client.put_manifest(document(), "1"));
  scene.spoil = spoil;
  REQUIRE_FAULT(client.manifest("1"), Fault::unavailable);
  REQUIRE_FAULT(client.manifest(digest, kManifest.size()), Fault::unavailable);
  REQUIRE_FAULT(client.tags(), Fault::unavailable);
  REQUIRE_FAULT(client.referrers(digest), Fault::unavailable);
  // Another length than the descriptor's is a matter of the bytes before it is one of the way.
  const auto fault = test::fault_of([&] { client.fetch(whole_blob(), kept); });
  CHECK((fault == Fault::unavailable || fault == Fault::corrupt));
  REQUIRE_FAULT(put_blob(client), Fault::unavailable);
  REQUIRE_FAULT(client.put_manifest(document(), "1"), Fault::unavailable);
  REQUIRE_FAULT(client.put_manifest(document()), Fault::unavailable);
  scene.is_spoiled = is_get;
  REQUIRE_FAULT(client.put_manifest(document(), "1"), Fault::unavailable);
  scene.is_spoiled = [](const Asked& asked) { return asked.target.ends_with("page=2"); };
  REQUIRE_FAULT(client.tags(), Fault::unavailable);
  REQUIRE_FAULT(registry::check_credentials(
                    [&] {
                      scene.is_spoiled = is_get;
                      return scene.world.settings;
                    }(),
                    scene.server.name(), "alice", "s3cret"),
                Fault::unavailable);
}

TEST_CASE("a refusal that was cut is no absence", "[registry]") {
  const auto& [name, spoil] = GENERATE(from_range(kMishaps));
  CAPTURE(name);
  Scene scene;
  Client client = scene.client();
  const Digest digest = Digest::parse(kDigest);
  test::Kept kept;
  const std::string words = R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]})";
  scene.instead = [&](const Asked& asked) {
    return asked.method == "GET" ? std::optional(with_status(404, words)) : std::nullopt;
  };
  REQUIRE_FAULT(client.manifest("1"), Fault::missing);
  CHECK(client.referrers(digest).empty());
  scene.spoil = spoil;
  REQUIRE_FAULT(client.manifest("1"), Fault::unavailable);
  REQUIRE_FAULT(client.tags(), Fault::unavailable);
  REQUIRE_FAULT(client.fetch(whole_blob(), kept), Fault::unavailable);
  REQUIRE_FAULT(client.referrers(digest), Fault::unavailable);
  SECTION("nor is the list of referrers that clients keep, where the registry has none of its own") {
    scene.is_spoiled = [](const Asked& asked) { return asked.target.find("/manifests/") != std::string::npos; };
    REQUIRE_FAULT(client.referrers(digest), Fault::unavailable);
  }
}

TEST_CASE("a list of referrers whose later page is not there is no list of referrers", "[registry]") {
  const int status = GENERATE(404, 405);
  Scene scene;
  Client client = scene.client();
  const Digest digest = Digest::parse(kDigest);
  bool has_second = true;
  scene.instead = [&](const Asked& asked) -> std::optional<Told> {
    if (asked.target.find("/referrers/") == std::string::npos) return std::nullopt;
    if (asked.target.find("page=2") != std::string::npos && !has_second) return with_status(status, "{}");
    Told told = with_status(200, kListOfOne);
    if (asked.target.find("page=2") == std::string::npos) told.headers = {{"Link", "<?page=2>; rel=\"next\""}};
    return told;
  };
  CHECK(client.referrers(digest).size() == 2);
  has_second = false;
  REQUIRE_FAULT(client.referrers(digest), Fault::unavailable);
}

TEST_CASE("headers that say the end twice are told as what stands twice", "[registry]") {
  registry::Headers headers;
  headers.add("Transfer-Encoding", "chunked");
  CHECK(registry::unclear_end(headers).empty());
  headers.add("Transfer-Encoding", "chunked");
  CHECK(registry::unclear_end(headers) == "it has more than one Transfer-Encoding");
}

TEST_CASE("an answer to HEAD counts when its headers are whole and clear", "[registry]") {
  Scene scene;
  Client client = scene.client();
  const int status = GENERATE(200, 404, 401);
  scene.instead = [&](const Asked&) { return std::optional(with_status(status, {})); };
  REQUIRE_NOTHROW(client.has_manifest(document().descriptor.digest));
  for (const char* end : {"Content-Le", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
                          "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Content-Length: x\r\n\r\n"}) {
    scene.spoil = [&](const Told& told) { return head_of(told) + end; };
    // No yes: the manifest and the blob are sent then.
    CHECK_FALSE(client.has_manifest(document().descriptor.digest));
    CHECK_FALSE(client.has_blob(whole_blob()));
  }
}

TEST_CASE("a head with a line without an end is the server's fault, be it the first line", "[registry]") {
  Scene scene;
  Client client = scene.client();
  const std::string line(300'000, 'x');
  const auto head = GENERATE_COPY(as<std::string>{}, "HTTP/1.1 200 " + line, "HTTP/1.1 200 OK\r\nX-A: " + line);
  scene.spoil = [&](const Told&) { return head + "\r\n\r\n"; };
  REQUIRE_FAULT(client.manifest("1"), Fault::unavailable);
}

TEST_CASE("an answer that a reset ends is none", "[registry]") {
  Scene scene;
  Client client = scene.client();
  const bool is_missing = GENERATE(true, false);
  scene.instead = [&](const Asked&) {
    Told told = with_status(is_missing ? 404 : 200, kManifest);
    told.headers = {{"Content-Type", kType}};
    told.without_length = true;
    told.dropped = true;
    return std::optional(told);
  };
  REQUIRE_FAULT(client.manifest("1"), Fault::unavailable);
  REQUIRE_FAULT(client.tags(), Fault::unavailable);
}

TEST_CASE("the end of a connection ends an answer, over TLS only with TLS's own end", "[registry]") {
  World world;
  world.settings.most_tries = 2;
  const TlsIdentity identity({});
  Told told = with_status(200, kManifest);
  told.headers = {{"Content-Type", kType}};
  told.without_length = true;
  const LoopbackServer plain([&](const Asked&) { return told; });
  const LoopbackServer secure([&](const Asked&) { return told; }, identity);
  world.trust(secure.name(), identity.certificate_pem());
  const auto ask = [&](const LoopbackServer& server) {
    return Client(world.settings, Reference::parse(server.name() + "/a/b")).manifest("1").bytes;
  };
  CHECK(text_of(ask(plain)) == kManifest);
  CHECK(text_of(ask(secure)) == kManifest);
  told.dropped = true;
  REQUIRE_FAULT(ask(secure), Fault::unavailable);
  told.status = 404;
  REQUIRE_FAULT(ask(secure), Fault::unavailable);
  told.dropped = false;
  REQUIRE_FAULT(ask(secure), Fault::missing);
}

TEST_CASE("a token, and the challenge that leads to it, come whole or not at all", "[registry]") {
  const auto& [name, spoil] = GENERATE(from_range(kMishaps));
  CAPTURE(name);
  Scene scene;
  Told token = with_status(200, R"({"token":"good"})");
  const LoopbackServer tokens([&](const Asked&) { return token; });
  const std::string asks = "Bearer realm=\"http://" + tokens.name() + "/token\",service=\"svc\"";
  bool at_entrance = false;
  scene.instead = [&](const Asked& asked) -> std::optional<Told> {
    if (asked.header("authorization") == "Bearer good") return std::nullopt;
    Told told = with_status(401, "{}");
    if (!at_entrance || asked.target == "/v2/") told.headers = {{"WWW-Authenticate", asks}};
    return told;
  };
  REQUIRE_NOTHROW(scene.client().manifest("1"));
  at_entrance = true;
  REQUIRE_NOTHROW(scene.client().manifest("1"));
  scene.spoil = spoil;
  scene.is_spoiled = [](const Asked& asked) { return asked.target == "/v2/"; };
  REQUIRE_FAULT(scene.client().manifest("1"), Fault::unavailable);
  at_entrance = false;
  scene.is_spoiled = [](const Asked& asked) { return !asked.has("authorization"); };
  REQUIRE_FAULT(scene.client().manifest("1"), Fault::unavailable);
  scene.spoil = nullptr;
  token.raw = spoil(token);
  REQUIRE_FAULT(scene.client().manifest("1"), Fault::unavailable);
  token = with_status(401, "{}");
  token.raw = spoil(token);
  REQUIRE_FAULT(scene.client().manifest("1"), Fault::unavailable);
}

TEST_CASE("what a trust server says is found, missing or rejected when it came whole, and unreachable otherwise",
          "[registry]") {
  const auto& [name, spoil] = GENERATE(from_range(kMishaps));
  CAPTURE(name);
  using Kind = tuf::MetadataReply::Kind;
  World world;
  const TlsIdentity identity({});
  Told told;
  const LoopbackServer server([&](const Asked&) { return told; }, identity);
  world.folder.write("docker/tls/" + server.name() + "/ca.crt", identity.certificate_pem());
  const std::string gun = "localhost:5000/a/b";
  registry::NotaryServer notary(world.settings, Reference::parse(gun), gun, "https://" + server.name(), {});
  for (const auto& [status, kind] : {std::pair(200, Kind::found), {404, Kind::missing}, {400, Kind::rejected}}) {
    told = with_status(status, "{}");
    CHECK(notary.fetch({"root", "root.json", 1000}).kind == kind);
    told.raw = spoil(told);
    CHECK(notary.fetch({"root", "root.json", 1000}).kind == Kind::unreachable);
    CHECK(notary.server_key("timestamp").kind == Kind::unreachable);
    CHECK(notary.new_server_key("snapshot").kind == Kind::unreachable);
    CHECK(notary.publish({{"root", bytes_of("{}")}}).kind == registry::Publication::Kind::unreachable);
  }
}

TEST_CASE("bytes after an answer are not the next answer", "[registry]") {
  Scene scene;
  Client client = scene.client();
  scene.instead = [](const Asked&) { return std::optional(with_status(404, {})); };
  scene.spoil = [](const Told&) {
    const std::string poison = "HTTP/1.1 200 OK\r\n" + length(kManifest.size()) + "\r\n" + kManifest;
    return "HTTP/1.1 404 Told\r\n" + length(0) + "\r\n" + poison;
  };
  scene.is_spoiled = [](const Asked& asked) { return asked.target.ends_with("/other"); };
  REQUIRE_FAULT(client.manifest("other"), Fault::unavailable);
  REQUIRE_FAULT(client.manifest("1"), Fault::missing);
}
