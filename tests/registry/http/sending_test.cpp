// SPDX-License-Identifier: Apache-2.0
//
// Requests with a body: what is sent, to whom, and how often.
#include <memory>

#include "registry/http/certificates.h"
#include "registry/http/collector.h"
#include "registry/http/http.h"
#include "registry/server/session.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::ApiRequest;
using registry::Method;
using test::Asked;
using test::Foul;
using test::LoopbackServer;
using test::Told;
using test::World;

namespace {

const std::string kType = "Content-Type: application/octet-stream";

/// A session with a loopback server, as the client for a repository has it.
struct Line {
  Line(World& world, const LoopbackServer& server)
      : certificates(world.settings.certificate_roots, server.name(), {}),
        http(world.settings, certificates, world.settings.timing.connect),
        session(http, registry::Url::parse("https://" + server.name()),
                registry::SessionOptions{.plain_fallback = true, .redirects = true}, server.name(),
                "repository:a/b:pull,push") {}

  registry::ApiResponse send(const std::string& target, Method method, std::string_view body) {
    store::BytesReader reader(view_of(body));
    registry::Collector collector(1000);
    ApiRequest request{target, registry::Request::Kind::blob, {kType}, method, &reader};
    return session.perform(request, collector);
  }

  registry::Certificates certificates;
  registry::Http http;
  registry::Session session;
};

Told status(int number) {
  Told told;
  told.status = number;
  return told;
}

}  // namespace

TEST_CASE("a body goes out whole with its length and type, by the method that was asked for", "[registry]") {
  World world;
  LoopbackServer server([](const Asked&) { return status(201); });
  Line line(world, server);
  for (const auto& [method, name] :
       {std::pair(Method::post, "POST"), std::pair(Method::put, "PUT"), std::pair(Method::patch, "PATCH")}) {
    CHECK(line.send("/v2/x", method, "bytes").status() == 201);
    const Asked asked = server.asked().back();
    CHECK(asked.method == name);
    CHECK(asked.body == "bytes");
    CHECK(asked.header("content-type") == "application/octet-stream");
    CHECK_FALSE(asked.has("expect"));
    CHECK_FALSE(asked.has("transfer-encoding"));
  }
  CHECK(line.send("/v2/x", Method::post, "").status() == 201);
  CHECK(server.asked().back().header("content-length") == "0");
}

TEST_CASE("HEAD and DELETE have no body, and a HEAD may announce a large one", "[registry]") {
  World world;
  LoopbackServer server([](const Asked& asked) {
    Told told = status(asked.method == "DELETE" ? 202 : 200);
    if (asked.method == "HEAD") told.announced = 1'000'000;
    return told;
  });
  Line line(world, server);
  registry::Collector collector(2'000'000);
  CHECK(line.session.perform(ApiRequest{"/v2/x", registry::Request::Kind::document, {}, Method::head}, collector)
            .exchange.head()
            .length() == 1'000'000U);
  CHECK(line.session.perform(ApiRequest{"/v2/x", registry::Request::Kind::document, {}, Method::remove}, collector)
            .status() == 202);
  CHECK(server.asked().at(0).method == "HEAD");
  CHECK(server.asked().at(1).method == "DELETE");
}

TEST_CASE("a large body waits for the server's word, and a refusal costs no transfer", "[registry]") {
  World world;
  const std::string large((std::size_t{1} << 20U) + 1, 'x');
  LoopbackServer server([](const Asked&) { return status(201); });
  Line line(world, server);
  CHECK(line.send("/v2/x", Method::put, large).status() == 201);
  CHECK(server.asked().back().header("expect") == "100-continue");
  CHECK(server.asked().back().body == large);
  server.foul([](const Asked&) { return Foul{status(413), {}}; });
  CHECK(line.send("/v2/x", Method::put, large).status() == 413);
  CHECK(server.asked().back().body.empty());
  CHECK(line.send("/v2/x", Method::put, large.substr(1)).status() == 413);
  CHECK_FALSE(server.asked().back().has("expect"));
}

TEST_CASE("after a challenge the body is sent once more, from its beginning", "[registry]") {
  World world;
  LoopbackServer server([](const Asked& asked) {
    if (asked.has("authorization")) return status(201);
    Told told = status(401);
    told.headers = {{"WWW-Authenticate", "Basic realm=\"r\""}};
    return told;
  });
  world.set_config(R"({"auths":{")" + server.name() + R"(":{"auth":")" + base64_of(view_of("alice:s3cret")) + "\"}}}");
  Line line(world, server);
  CHECK(line.send("/v2/x", Method::patch, "all of it").status() == 201);
  REQUIRE(server.asked().size() == 2);
  CHECK(server.asked().at(0).body == "all of it");
  CHECK(server.asked().at(1).body == "all of it");
}

TEST_CASE("a request that was cut is reported, not sent again", "[registry]") {
  World world;
  LoopbackServer server([](const Asked&) { return status(201); });
  Line line(world, server);
  CHECK(line.send("/v2/x", Method::put, "first").status() == 201);
  server.foul([](const Asked&) { return Foul{{}, 3}; });
  const Method method = GENERATE(Method::post, Method::patch, Method::put);
  const registry::ApiResponse response = line.send("/v2/x", method, "123456789");
  CHECK(response.exchange.error() == registry::TransportError::cut);
  CHECK(response.is_temporary());
  CHECK(server.asked().size() == 2);
}

TEST_CASE("what is not a read follows only redirects that keep the method", "[registry]") {
  World world;
  LoopbackServer server([](const Asked& asked) {
    if (asked.target == "/there") return status(201);
    Told told = status(std::stoi(asked.target.substr(1)));
    told.headers = {{"Location", "/there"}};
    return told;
  });
  Line line(world, server);
  for (const char* kept : {"/307", "/308"}) {
    CHECK(line.send(kept, Method::put, "body").status() == 201);
    CHECK(server.asked().back().method == "PUT");
    CHECK(server.asked().back().body == "body");
  }
  for (const int turned : {301, 302, 303}) {
    CHECK(line.send("/" + std::to_string(turned), Method::put, "body").status() == turned);
    CHECK(server.asked().back().target != "/there");
  }
}

TEST_CASE("an address of another origin gets the body but no Authorization", "[registry]") {
  World world;
  const auto challenge = [](const Asked& asked) {
    if (asked.has("authorization")) return status(202);
    Told told = status(401);
    told.headers = {{"WWW-Authenticate", "Basic realm=\"r\""}};
    return told;
  };
  LoopbackServer server(challenge);
  LoopbackServer storage([](const Asked&) { return status(201); });
  LoopbackServer thief(challenge);
  world.set_config(R"({"auths":{")" + server.name() + R"(":{"auth":")" + base64_of(view_of("alice:s3cret")) + "\"}}}");
  Line line(world, server);
  REQUIRE(line.send("/v2/x", Method::post, "").status() == 202);
  store::BytesReader reader(view_of("body"));
  const ApiRequest request{"", registry::Request::Kind::blob, {kType}, Method::put, &reader};
  registry::Collector collector(1000);
  const auto at = [&](const LoopbackServer& other) {
    return line.session.perform_at(registry::Url::parse("http://" + other.name() + "/put"), request, collector)
        .status();
  };
  CHECK(at(storage) == 201);
  CHECK(storage.asked().back().body == "body");
  CHECK_FALSE(storage.asked().back().has("authorization"));
  CHECK(at(thief) == 401);
  CHECK(thief.asked().size() == 1);
  CHECK(at(server) == 202);
  CHECK(server.asked().back().has("authorization"));
}

TEST_CASE("a reader that has less than it promised ends the request with its error", "[registry]") {
  class Short final : public store::BlobReader {
   public:
    [[nodiscard]] std::uint64_t size() const override { return 10; }
    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
      if (offset >= 4) return 0;
      buffer[0] = 'x';
      return 1;
    }
  };
  World world;
  LoopbackServer server([](const Asked&) { return status(201); });
  Line line(world, server);
  Short reader;
  registry::Collector collector(1000);
  const ApiRequest request{"/v2/x", registry::Request::Kind::blob, {kType}, Method::put, &reader};
  REQUIRE_FAULT(line.session.perform(request, collector), Fault::local);
}

TEST_CASE("a part of a reader is what it says, and ends where it says", "[registry]") {
  store::BytesReader whole(view_of("0123456789"));
  store::RangeReader part(whole, 3, 4);
  Bytes buffer(10);
  CHECK(part.size() == 4);
  CHECK(part.read(0, buffer) == 4);
  CHECK(text_of(buffer).substr(0, 4) == "3456");
  CHECK(part.read(3, buffer) == 1);
  CHECK(part.read(4, buffer) == 0);
  CHECK(whole.read(11, buffer) == 0);
}
