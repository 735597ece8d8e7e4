// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using test::Asked;
using test::LoopbackServer;
using test::TlsIdentity;
using test::Told;
using test::World;

namespace {

Told tags() {
  Told told;
  told.body = R"({"tags":["a"]})";
  return told;
}

std::size_t ask(World& world, const std::string& name) {
  return registry::Client(world.settings, Reference::parse(name + "/lib/app")).tags().size();
}

}  // namespace

TEST_CASE("a registry whose authority is in its folder is trusted", "[registry]") {
  World world;
  const TlsIdentity identity({});
  const LoopbackServer server([](const Asked&) { return tags(); }, identity);
  world.trust(server.name(), identity.certificate_pem());
  CHECK(ask(world, server.name()) == 1);
}

TEST_CASE("a certificate that is not trusted is refused, never followed by http, and the hint says what to do",
          "[registry]") {
  World world;
  world.settings.plain_http = GENERATE(true, false);
  const TlsIdentity identity({});
  const LoopbackServer server([](const Asked&) { return tags(); }, identity);
  try {
    ask(world, server.name());
    FAIL("it was trusted");
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::unavailable);
    CHECK(error.hint().find((world.folder.path() / "certs.d" / server.name() / "ca.crt").string()) !=
          std::string::npos);
  }
  CHECK(server.asked().empty());
  CHECK(world.said().find("http://") == std::string::npos);
}

TEST_CASE("a certificate for another host, or one that has expired, is refused", "[registry]") {
  World world;
  TlsIdentity::Wish wish;
  SECTION("another host") { wish.host = "registry.example"; }
  SECTION("expired") { wish.expired = true; }
  const TlsIdentity identity(wish);
  const LoopbackServer server([](const Asked&) { return tags(); }, identity);
  world.trust(server.name(), identity.certificate_pem());
  REQUIRE_FAULT(ask(world, server.name()), Fault::unavailable);
  CHECK(server.asked().empty());
}

TEST_CASE("TLS older than 1.2 is not spoken", "[registry]") {
  World world;
  TlsIdentity::Wish wish;
  wish.only_tls_1_1 = true;
  const TlsIdentity identity(wish);
  const LoopbackServer server([](const Asked&) { return tags(); }, identity);
  world.trust(server.name(), identity.certificate_pem());
  REQUIRE_FAULT(ask(world, server.name()), Fault::unavailable);
  CHECK(server.asked().empty());
  CHECK(world.said().find("http://") == std::string::npos);
}

TEST_CASE("an authority file that is damaged is a matter of configuration", "[registry]") {
  World world;
  const TlsIdentity identity({});
  const LoopbackServer server([](const Asked&) { return tags(); }, identity);
  world.trust(server.name(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  REQUIRE_FAULT(ask(world, server.name()), Fault::usage);
}

TEST_CASE("a loopback registry that does not speak TLS is spoken to plainly, after TLS was tried, once", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return tags(); });
  registry::Client client(world.settings, Reference::parse(server.name() + "/lib/app"));
  CHECK(client.tags().size() == 1);
  CHECK(client.tags().size() == 1);
  const std::string said = world.said();
  const auto tried = said.find("GET https://");
  REQUIRE(tried != std::string::npos);
  CHECK(said.find("GET https://", tried + 1) == std::string::npos);
}

TEST_CASE("http from https is refused on redirects of a real TLS server", "[registry]") {
  World world;
  const LoopbackServer plain([](const Asked&) { return tags(); });
  const TlsIdentity identity({});
  const LoopbackServer server(
      [&](const Asked&) {
        Told told;
        told.status = 307;
        told.headers = {{"Location", "http://" + plain.name() + "/"}};
        return told;
      },
      identity);
  world.trust(server.name(), identity.certificate_pem());
  REQUIRE_FAULT(ask(world, server.name()), Fault::unavailable);
  CHECK(plain.asked().empty());
}

TEST_CASE("a TLS registry's realm must be https", "[registry]") {
  World world;
  const LoopbackServer tokens([](const Asked&) { return tags(); });
  const TlsIdentity identity({});
  const LoopbackServer server(
      [&](const Asked&) {
        Told told;
        told.status = 401;
        told.headers = {{"WWW-Authenticate", "Bearer realm=\"http://" + tokens.name() + "/token\""}};
        return told;
      },
      identity);
  world.trust(server.name(), identity.certificate_pem());
  REQUIRE_FAULT(ask(world, server.name()), Fault::unauthorized);
  CHECK(tokens.asked().empty());
}

TEST_CASE("proxies are asked for the world, never for loopback", "[registry]") {
  World world;
  const LoopbackServer proxy([](const Asked&) {
    Told told;
    told.status = 502;
    return told;
  });
  world.settings.http_proxy = world.settings.https_proxy = "http://" + proxy.name();
  const LoopbackServer server([](const Asked&) { return tags(); });
  CHECK(ask(world, server.name()) == 1);
  CHECK(proxy.asked().empty());
  REQUIRE_FAULT(ask(world, "registry.example"), Fault::unavailable);
  REQUIRE_FALSE(proxy.asked().empty());
  CHECK(proxy.asked()[0].method == "CONNECT");
  CHECK(proxy.asked()[0].target == "registry.example:443");
}

TEST_CASE("a host in no_proxy is reached without the proxy", "[registry]") {
  World world;
  const LoopbackServer proxy([](const Asked&) { return tags(); });
  world.settings.https_proxy = "http://" + proxy.name();
  world.settings.no_proxy = "other.example,.invalid";
  REQUIRE_FAULT(ask(world, "registry.invalid"), Fault::unavailable);
  CHECK(proxy.asked().empty());
}
