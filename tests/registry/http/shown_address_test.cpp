// SPDX-License-Identifier: Apache-2.0
#include "registry/http/shown_address.h"

#include "tests/support/catch.h"

using hallmark::registry::shown_address;
using hallmark::registry::without_user;

TEST_CASE("an address is shown without its user and password", "[registry]") {
  CHECK(shown_address("https://registry.example:5000/v2") == "https://registry.example:5000/v2");
  CHECK(shown_address("https://alice:s3cret@registry.example/v2") == "https://***@registry.example/v2");
  CHECK(shown_address("https://alice:s3/c@r?t@registry.example") == "https://***@registry.example");
  CHECK(shown_address("alice:s3cret@registry.example") == "***@registry.example");
  CHECK(shown_address("alice@s3cret://x") == "***@s3cret://x");
}

TEST_CASE("what a library says of a proxy has no password in it, whole or cut", "[registry]") {
  const std::string proxy = "http://alice:" + std::string(300, 's') + "@proxy.example:1";
  CHECK(without_user("Unsupported proxy '" + proxy + "', twice " + proxy, proxy) ==
        "Unsupported proxy 'http://***@proxy.example:1', twice http://***@proxy.example:1");
  CHECK(without_user("Unsupported proxy '" + proxy.substr(0, 100), proxy) == "Unsupported proxy 'http://***");
  CHECK(without_user("Could not resolve proxy: a", "a:b@c") == "Could not resolve proxy: a");
  CHECK(without_user("port 1 refused it", "http://proxy.example") == "port 1 refused it");
}
