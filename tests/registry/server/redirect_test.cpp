// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/client.h"
#include "registry/server/session.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::Url;
using test::Asked;
using test::Kept;
using test::LoopbackServer;
using test::Told;
using test::World;

namespace {

const std::string kBlob = "the bytes of a blob";

store::Descriptor descriptor() {
  return store::Descriptor{"application/octet-stream", Digest::of(view_of(kBlob)), kBlob.size(), std::nullopt, {}};
}

Told blob() {
  Told told;
  told.body = kBlob;
  return told;
}

Told redirect(const std::string& location, int status = 307) {
  Told told;
  told.status = status;
  told.headers = {{"Location", location}};
  return told;
}

std::string fetch(World& world, const LoopbackServer& server) {
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app:1"));
  Kept kept;
  client.fetch(descriptor(), kept);
  return kept.text;
}

/// Like a registry that gives blobs only to alice, and then sends her elsewhere.
LoopbackServer::Answer for_alice(LoopbackServer::Answer answer) {
  return [answer = std::move(answer)](const Asked& asked) {
    if (asked.has("authorization")) return answer(asked);
    Told told;
    told.status = 401;
    told.headers = {{"WWW-Authenticate", "Basic realm=\"x\""}};
    return told;
  };
}

void log_in(const World& world, const LoopbackServer& server) {
  world.set_config(R"({"auths":{")" + server.name() + R"(":{"auth":"YWxpY2U6czNjcmV0"}}})");
}

}  // namespace

TEST_CASE("a blob is fetched from where the registry says, whatever the status of the redirect", "[registry]") {
  World world;
  const int status = GENERATE(301, 302, 303, 307, 308);
  const LoopbackServer storage([](const Asked&) { return blob(); });
  const LoopbackServer server([&](const Asked&) { return redirect("http://" + storage.name() + "/x?sig=1", status); });
  CHECK(fetch(world, server) == kBlob);
  CHECK(storage.asked()[0].target == "/x?sig=1");
}

TEST_CASE("Authorization stays with its origin: neither another host nor another port gets it", "[registry]") {
  World world;
  const std::string host = GENERATE(as<std::string>{}, "localhost", "127.0.0.1");
  const LoopbackServer storage([](const Asked&) { return blob(); });
  const LoopbackServer server(for_alice(
      [&](const Asked&) { return redirect("http://" + host + ":" + std::to_string(storage.port()) + "/x"); }));
  log_in(world, server);
  CHECK(fetch(world, server) == kBlob);
  REQUIRE(storage.asked().size() == 1);
  CHECK_FALSE(storage.asked()[0].has("authorization"));
}

TEST_CASE("within its origin Authorization is kept, and once left it is not given back, nor are own headers",
          "[registry]") {
  World world;
  std::string home;
  const LoopbackServer storage([&](const Asked&) { return redirect("http://" + home + "/back"); });
  const LoopbackServer server([&](const Asked& asked) {
    if (asked.target == "/back") return blob();
    if (asked.target == "/inside") return redirect("http://" + storage.name() + "/x");
    return for_alice([](const Asked&) { return redirect("/inside"); })(asked);
  });
  home = server.name();
  world.set_config(R"({"auths":{")" + server.name() +
                   R"(":{"auth":"YWxpY2U6czNjcmV0"}},"HttpHeaders":{"X-Secret":"s3cret"}})");
  CHECK(fetch(world, server) == kBlob);
  const auto asked = server.asked();
  REQUIRE(asked.size() == 4);
  CHECK(asked[2].target == "/inside");
  CHECK(asked[2].has("authorization"));
  CHECK(asked[2].has("x-secret"));
  CHECK(asked[3].target == "/back");
  CHECK_FALSE(asked[3].has("authorization"));
  CHECK_FALSE(asked[3].has("x-secret"));
}

TEST_CASE("a redirect loop ends after ten", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked& asked) { return redirect(asked.target); });
  REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  CHECK(server.asked().size() == 11);
}

TEST_CASE("a redirect to nowhere or to nonsense is refused", "[registry]") {
  World world;
  const std::string location =
      GENERATE(as<std::string>{}, "ftp://h/", "file:///etc/passwd", "http://u:p@h/", "http://", "http://h\\x/");
  const LoopbackServer server([&](const Asked&) { return redirect(location); });
  REQUIRE_FAULT(fetch(world, server), Fault::unavailable);
  const LoopbackServer silent([](const Asked&) {
    Told told;
    told.status = 307;
    return told;
  });
  REQUIRE_FAULT(fetch(world, silent), Fault::unavailable);
}

TEST_CASE("the query of a redirect is a credential and is not said", "[registry]") {
  World world;
  const LoopbackServer storage([](const Asked&) {
    Told told;
    told.status = 403;
    return told;
  });
  const LoopbackServer server([&](const Asked&) { return redirect("http://" + storage.name() + "/x?sig=signature"); });
  const std::string message = test::message_of([&] { fetch(world, server); });
  CHECK(message.find(storage.name()) != std::string::npos);
  CHECK(message.find("signature") == std::string::npos);
  CHECK(world.said().find("signature") == std::string::npos);
}

TEST_CASE("no redirect leads from https to http, nor from the world into our network", "[registry]") {
  const auto check = [](const std::string& from, const std::string& to) {
    registry::check_redirect(Url::parse(from), Url::parse(to));
  };
  REQUIRE_NOTHROW(check("https://r.example/", "https://cdn.example/"));
  REQUIRE_NOTHROW(check("http://localhost:1/", "https://cdn.example/"));
  REQUIRE_NOTHROW(check("https://10.0.0.1/", "https://10.0.0.2/"));
  REQUIRE_FAULT(check("https://r.example/", "http://cdn.example/"), Fault::unavailable);
  REQUIRE_FAULT(check("https://r.example/", "http://r.example/"), Fault::unavailable);
  for (const char* to : {"https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/",
                         "https://10.0.0.1/", "https://0.0.0.0/"}) {
    REQUIRE_FAULT(check("https://r.example/", to), Fault::unavailable);
  }
}
