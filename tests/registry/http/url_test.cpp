// SPDX-License-Identifier: Apache-2.0
#include "registry/http/url.h"

#include "registry/config/daemon_json.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::is_local_address;
using registry::is_loopback;
using registry::marks;
using registry::Url;

TEST_CASE("an address is taken apart and put together as it was", "[registry]") {
  const Url url = Url::parse("HTTPS://Example.com:8443/v2/a%20b?x=1&y#part");
  CHECK(url.scheme() == "https");
  CHECK(url.host() == "example.com");
  CHECK(url.port() == 8443);
  CHECK(url.target() == "/v2/a%20b?x=1&y");
  CHECK(url.to_string() == "https://example.com:8443/v2/a%20b?x=1&y");
  CHECK(url.shown() == "https://example.com:8443/v2/a%20b");
  CHECK(Url::parse("https://h:443").to_string() == "https://h/");
  CHECK(Url::parse("http://[::1]:80/").authority() == "[::1]");
  CHECK(Url::parse("http://h?q").target() == "/?q");
}

TEST_CASE("an address that others might read in another way is refused", "[registry]") {
  const std::string text =
      GENERATE(as<std::string>{}, "", "h/path", "ftp://h/", "file:///etc/passwd", "https://", "https:///x",
               "https://u@h/", "https://u:p@h/", "https://h:0/", "https://h:65536/", "https://h:/", "https://h:8x/",
               "https://h\\@other/", "https://h/a b", "https://h/\r\nX: y", "https://h/\x7f", "https://h/\xc3\xa4",
               "https://h%2eexample/", "https://[::1/", "https://[::1]x/", "https://[h]/", "https://[fe80::1%25eth0]/",
               "https://h/\"", "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/",
               "https://127.0.0.1./", "https://h./", "https://1.2.3.256/");
  REQUIRE_FAULT(Url::parse(text), Fault::unavailable);
}

TEST_CASE("docker's marks of insecure registries are names with their ports, or networks", "[registry]") {
  const Url named = Url::parse("https://registry.example:5000");
  CHECK(marks("registry.example:5000", named));
  CHECK_FALSE(marks("registry.example", named));
  CHECK_FALSE(marks("example:5000", named));
  CHECK_FALSE(marks("0.0.0.0/0", named));
  CHECK(marks("registry.example", Url::parse("https://registry.example")));

  const Url address = Url::parse("https://10.1.2.3:5000");
  CHECK(marks("10.1.2.3:5000", address));
  for (const char* network : {"10.0.0.0/8", "10.1.2.0/24", "10.1.2.3/32", "0.0.0.0/0"}) CHECK(marks(network, address));
  for (const char* other : {"10.1.3.0/24", "10.1.2.2/32", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8x", "10.0.0/8", "/8",
                            "10.0.0.0/-1", "", "::/0"}) {
    INFO(other);
    CHECK_FALSE(marks(other, address));
  }
}

TEST_CASE("an address has a limit", "[registry]") {
  REQUIRE_NOTHROW(Url::parse("https://h/" + std::string(16000, 'a')));
  REQUIRE_FAULT(Url::parse("https://h/" + std::string(17000, 'a')), Fault::unavailable);
  REQUIRE_FAULT(Url::parse("https://h/").resolve("/" + std::string(17000, 'a')), Fault::unavailable);
}

TEST_CASE("a reference in an answer is resolved against where the answer came from", "[registry]") {
  const Url from = Url::parse("https://h:5000/v2/a/tags/list?n=2");
  CHECK(from.resolve("https://other/x").to_string() == "https://other/x");
  CHECK(from.resolve("//other:1/x").to_string() == "https://other:1/x");
  CHECK(from.resolve("/v2/b?last=c").to_string() == "https://h:5000/v2/b?last=c");
  CHECK(from.resolve("?last=c").to_string() == "https://h:5000/v2/a/tags/list?last=c");
  CHECK(from.resolve("next#x").to_string() == "https://h:5000/v2/a/tags/next");
  REQUIRE_FAULT(from.resolve("javascript:x"), Fault::unavailable);
  REQUIRE_FAULT(from.resolve("https://u@other/"), Fault::unavailable);
}

TEST_CASE("an origin is scheme, host and port", "[registry]") {
  const Url url = Url::parse("https://h/a");
  CHECK(url.has_origin_of(Url::parse("https://H:443/b")));
  CHECK_FALSE(url.has_origin_of(Url::parse("http://h:443/a")));
  CHECK_FALSE(url.has_origin_of(Url::parse("https://h:444/a")));
  CHECK_FALSE(url.has_origin_of(Url::parse("https://h.example/a")));
  CHECK(url.with_scheme("http").to_string() == "http://h/a");
  CHECK(Url::parse("https://h:5000/").with_scheme("http").to_string() == "http://h:5000/");
}

TEST_CASE("loopback is known by name", "[registry]") {
  const std::string host = GENERATE(as<std::string>{}, "localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1");
  CHECK(is_loopback(host));
  CHECK(is_local_address(host));
}

TEST_CASE("what only looks like loopback is not", "[registry]") {
  const std::string host = GENERATE(as<std::string>{}, "localhost.example", "notlocalhost", "127.0.0.1.example",
                                    "10.0.0.1", "192.168.0.1", "registry.example", "128.0.0.1");
  CHECK_FALSE(is_loopback(host));
}

TEST_CASE("addresses of this machine and its own network are local", "[registry]") {
  const std::string host = GENERATE(as<std::string>{}, "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255",
                                    "192.168.1.1", "169.254.169.254", "100.64.0.1", "::", "::ffff:10.0.0.1",
                                    "0:0:0:0:0:0:0:1", "fe80::1", "fd00::1", "fc00::1");
  CHECK(is_local_address(host));
}

TEST_CASE("addresses and names of the world are not local", "[registry]") {
  const std::string host = GENERATE(as<std::string>{}, "8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1",
                                    "100.128.0.1", "2001:db8::1", "registry.example", "fe80.example");
  CHECK_FALSE(is_local_address(host));
}

TEST_CASE("text is percent-encoded but for what is kept", "[registry]") {
  CHECK(registry::percent_encoded("a-._~Z9 b/:%\n\xff", "/:") == "a-._~Z9%20b/:%25%0A%FF");
}
