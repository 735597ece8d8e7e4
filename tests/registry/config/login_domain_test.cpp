// SPDX-License-Identifier: Apache-2.0
#include "registry/config/login_domain.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("the registry that a person means", "[registry][login]") {
  for (const char* hub : {"docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"}) {
    CHECK(registry::login_domain(hub) == "docker.io");
  }
  CHECK(registry::login_domain("localhost:5000") == "localhost:5000");
  CHECK(registry::login_domain("https://r.example/v2/") == "r.example");
  for (const char* text :
       {"", "https://", "http://", "/", "https:///path", "a b", "user@host", "-", "h:p", "ftp://h"}) {
    CAPTURE(text);
    REQUIRE_FAULT(registry::login_domain(text), Fault::usage);
  }
}
