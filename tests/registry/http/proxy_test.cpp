// SPDX-License-Identifier: Apache-2.0
#include "registry/http/proxy.h"

#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::names_in_no_proxy;
using registry::Proxy;
using registry::Url;
using test::Asked;
using test::LoopbackServer;
using test::Told;
using test::World;

namespace {

bool passes_by(std::string_view no_proxy, const std::string& address) {
  return names_in_no_proxy(no_proxy, Url::parse(address));
}

std::optional<Proxy> proxy_of(const std::string& text) {
  World world;
  world.settings.https_proxy = text;
  return registry::proxy_for(world.settings, Url::parse("https://registry.test/"));
}

LoopbackServer::Answer saying(int status) {
  return [status](const Asked&) {
    Told told;
    told.status = status;
    return told;
  };
}

std::string ask_through(World& world, const std::string& name) {
  registry::Client client(world.settings, Reference::parse(name + "/a:1"));
  try {
    static_cast<void>(client.manifest("1"));
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::unavailable);
    return std::string(error.what()) + "\n" + error.hint();
  }
  return {};
}

}  // namespace

TEST_CASE("no_proxy is read as Go reads it", "[registry]") {
  for (const char* list :
       {"registry.test", "registry.test:443", " other , Registry.TEST ", "test", ".test", "*.test", "*", "x,*"}) {
    INFO(list);
    CHECK(passes_by(list, "https://registry.test/v2/"));
  }
  for (const char* list : {"", ",", "registry.test:5000", "egistry.test", ".registry.test", "*.registry.test", ":443",
                           "registry.test.", "10.0.0.0/8"}) {
    INFO(list);
    CHECK_FALSE(passes_by(list, "https://registry.test/v2/"));
  }
  CHECK(passes_by("registry.test:5000", "https://registry.test:5000/"));
  CHECK(passes_by("registry.test:80", "http://registry.test/"));
  CHECK(passes_by("10.1.2.3", "https://10.1.2.3:5000/"));
  CHECK(passes_by("10.1.2.3:5000", "https://10.1.2.3:5000/"));
  CHECK_FALSE(passes_by("10.1.2.3:5001", "https://10.1.2.3:5000/"));
  CHECK(passes_by("10.0.0.0/8", "https://10.1.2.3:5000/"));
  CHECK_FALSE(passes_by("10.0.0.0/8", "https://11.1.2.3:5000/"));
  CHECK(passes_by("0.0.0.0/0", "https://11.1.2.3:5000/"));
  CHECK(passes_by("fd00::/8", "https://[fd00::1]:5000/"));
  CHECK(passes_by("fd00::1", "https://[fd00::1]/"));
  CHECK(passes_by("[fd00::1]:443", "https://[fd00:0::1]/"));
  CHECK_FALSE(passes_by("fd00::/8", "https://10.1.2.3/"));
  CHECK_FALSE(passes_by("10.0.0.0/33", "https://10.1.2.3/"));
}

TEST_CASE("a proxy is an address, and beside it a user and a password", "[registry]") {
  const auto plain = proxy_of("proxy.example");
  CHECK(plain->address == "http://proxy.example:80");
  CHECK(plain->shown == "proxy.example:80");
  CHECK(plain->user.empty());
  CHECK(proxy_of("https://proxy.example/")->address == "https://proxy.example:443");
  CHECK(proxy_of("socks5h://proxy.example")->address == "socks5h://proxy.example:1080");
  CHECK(proxy_of("http://[fd00::1]:3128")->shown == "[fd00::1]:3128");
  const auto known = proxy_of("HTTP://al%40ice:s%23c%3Ar%2Fe%25t@Proxy.Example:3128");
  CHECK(known->address == "http://proxy.example:3128");
  CHECK(known->user == "al@ice");
  CHECK(known->password == "s#c:r/e%t");
  CHECK(proxy_of("http://alice:a:b@proxy.example:1")->password == "a:b");
  CHECK(proxy_of("http://alice@proxy.example:1")->user == "alice");
  CHECK_FALSE(proxy_of(""));
}

TEST_CASE("the password of a proxy is in no message, whatever is wrong with the address", "[registry]") {
  for (const char* text :
       {"http://user:se#cret@proxy.example:3128", "http://user:se/cret@proxy.example:3128",
        "http://user:se?cret@proxy.example", "http://user:12#cret@proxy.example", "ftp://user:secret@proxy.example",
        "http://user:secret@", "http://user:secret@proxy.example:no", "http://user:se%zzcret@proxy.example",
        "http://user:se%0acret@proxy.example", "http://user:secret@proxy example", "user:se#cret@proxy.example"}) {
    INFO(text);
    REQUIRE_FAULT(proxy_of(text), Fault::usage);
    const std::string message = test::message_of([&] { static_cast<void>(proxy_of(text)); });
    CHECK(message.find("https_proxy cannot be used") != std::string::npos);
    CHECK(message.find("cret") == std::string::npos);
    CHECK(message.find("user:") == std::string::npos);
  }
}

TEST_CASE("what a proxy refuses is told as the proxy's, at once", "[registry]") {
  World world;
  const int status = GENERATE(407, 403, 405);
  const LoopbackServer proxy(saying(status));
  world.settings.https_proxy = "http://al:s3cret@" + proxy.name();
  const std::string said = ask_through(world, "registry.test");
  CHECK(said.find("proxy " + proxy.name()) != std::string::npos);
  CHECK(said.find("HTTP " + std::to_string(status)) != std::string::npos);
  CHECK(said.find("s3cret") == std::string::npos);
  CHECK(said.find("https_proxy=http://USER:PASSWORD@HOST:PORT") != std::string::npos);
  CHECK(proxy.asked().size() == 1);
  CHECK(proxy.asked().at(0).header("proxy-authorization") == "Basic YWw6czNjcmV0");
}

TEST_CASE("a proxy that cannot now is asked again, and named", "[registry]") {
  World world;
  const LoopbackServer proxy(saying(GENERATE(502, 503, 504)));
  world.settings.https_proxy = "http://" + proxy.name();
  CHECK(ask_through(world, "registry.test").find("proxy " + proxy.name() + " does not reach registry.test:443") !=
        std::string::npos);
  CHECK(proxy.asked().size() == 5);
}

TEST_CASE("a proxy that is not there is named", "[registry]") {
  World world;
  const std::string place = "localhost:" + std::to_string(test::free_port());
  world.settings.https_proxy = "http://" + place;
  CHECK(ask_through(world, "registry.test").find("proxy " + place + " refused it") != std::string::npos);
  world.settings.https_proxy = "http://proxy.invalid:3128";
  CHECK(ask_through(world, "registry.test").find("of the proxy proxy.invalid:3128") != std::string::npos);
}

TEST_CASE("plain http, where it is allowed, goes on where the proxy tunnels to no other port", "[registry]") {
  World world;
  const LoopbackServer proxy([](const Asked& asked) {
    Told told;
    told.status = asked.method == "CONNECT" ? 403 : 404;
    return told;
  });
  world.settings.http_proxy = "http://" + proxy.name();
  if (GENERATE(true, false)) world.settings.https_proxy = world.settings.http_proxy;
  const auto last = [&] { return proxy.asked().back().target; };
  SECTION("allowed") {
    world.settings.plain_http = true;
    registry::Client client(world.settings, Reference::parse("registry.invalid:5000/a:1"));
    REQUIRE_FAULT(client.manifest("1"), Fault::missing);
    CHECK(last() == "http://registry.invalid:5000/v2/a/manifests/1");
  }
  SECTION("not allowed") {
    CHECK_FALSE(ask_through(world, "registry.invalid:5000").empty());
    for (const Asked& asked : proxy.asked()) CHECK(asked.method == "CONNECT");
  }
}
