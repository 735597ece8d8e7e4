// SPDX-License-Identifier: Apache-2.0
#include "registry/server/token.h"

#include "tests/support/catch.h"

using namespace hallmark;
using registry::check_realm;
using registry::Url;

namespace {

constexpr bool kPlainAllowed = true;
constexpr bool kPlainForbidden = false;

void realm(const std::string& realm, const std::string& server, bool plain) {
  check_realm(Url::parse(realm), Url::parse(server), plain);
}

}  // namespace

TEST_CASE("a realm may be on another https host", "[registry]") {
  REQUIRE_NOTHROW(realm("https://auth.example/token", "https://registry.example/", kPlainForbidden));
  REQUIRE_NOTHROW(realm("https://8.8.8.8/token", "https://registry.example/", kPlainForbidden));
}

TEST_CASE("loopback registries may have loopback realms", "[registry]") {
  REQUIRE_NOTHROW(realm("http://localhost:5001/token", "http://localhost:5000/", kPlainForbidden));
  REQUIRE_NOTHROW(realm("http://127.0.0.1:5001/token", "http://localhost:5000/", kPlainForbidden));
  REQUIRE_NOTHROW(realm("https://localhost:5001/token", "https://localhost:5000/", kPlainForbidden));
}

TEST_CASE("a registry on a private address may be its own token server", "[registry]") {
  REQUIRE_NOTHROW(realm("https://10.0.0.5:5000/token", "https://10.0.0.5:5000/", kPlainForbidden));
  REQUIRE_FAULT(realm("https://10.0.0.6:5000/token", "https://10.0.0.5:5000/", kPlainForbidden), Fault::unauthorized);
  REQUIRE_FAULT(realm("https://10.0.0.5:5001/token", "https://10.0.0.5:5000/", kPlainForbidden), Fault::unauthorized);
}

TEST_CASE("a password does not go over plain http", "[registry]") {
  REQUIRE_FAULT(realm("http://auth.example/token", "https://registry.example/", kPlainForbidden), Fault::unauthorized);
  REQUIRE_FAULT(realm("http://auth.example/token", "https://registry.example/", kPlainAllowed), Fault::unauthorized);
  REQUIRE_FAULT(realm("http://auth.example/token", "http://localhost:5000/", kPlainForbidden), Fault::unauthorized);
  REQUIRE_FAULT(realm("http://localhost:1/token", "https://localhost:5000/", kPlainAllowed), Fault::unauthorized);
  REQUIRE_NOTHROW(realm("http://auth.example/token", "http://registry.example/", kPlainAllowed));
}

TEST_CASE("a registry of the world does not send us into our own network", "[registry]") {
  const std::string host = GENERATE(as<std::string>{}, "localhost", "127.0.0.1", "[::1]", "10.0.0.1", "192.168.1.1",
                                    "169.254.169.254", "0.0.0.0", "[fe80::1]", "metadata.localhost");
  REQUIRE_FAULT(realm("https://" + host + "/token", "https://registry.example/", kPlainForbidden), Fault::unauthorized);
}

TEST_CASE("the address of a token has one scope parameter for each scope", "[registry]") {
  const registry::TokenRequest request{Url::parse("https://r/"),
                                       Url::parse("https://t/token?x=1"),
                                       "my svc",
                                       {"repository:a/b:pull", "repository:c:pull"}};
  CHECK(registry::token_url(request).to_string() ==
        "https://t/token?x=1&service=my%20svc&scope=repository%3Aa%2Fb%3Apull&scope=repository%3Ac%3Apull");
  const registry::TokenRequest without{Url::parse("https://r/"), Url::parse("https://t/token"), "", {"s"}};
  CHECK(registry::token_url(without).to_string() == "https://t/token?scope=s");
}

TEST_CASE("a token is read in all the forms that servers have", "[registry]") {
  const auto token = [](std::string_view body) { return registry::parse_token(view_of(body)); };
  CHECK(token(R"({"token":"T"})").value == "T");
  CHECK(token(R"({"access_token":"A"})").value == "A");
  CHECK(token(R"({"token":"T","access_token":"A"})").value == "T");
  CHECK(token(R"({"token":"","access_token":"A","refresh_token":"R"})").refresh_token == "R");
  CHECK(token(R"({"token":"T"})").lifetime == std::chrono::seconds(60));
  CHECK(token(R"({"token":"T","expires_in":5})").lifetime == std::chrono::seconds(60));
  CHECK(token(R"({"token":"T","expires_in":300})").lifetime == std::chrono::seconds(300));
  CHECK(token(R"({"token":"T","expires_in":9000000000})").lifetime == std::chrono::seconds(86400));
}

TEST_CASE("what is no token is refused, above all what would forge a header", "[registry]") {
  const std::string body =
      GENERATE(as<std::string>{}, "", "{}", "[]", R"({"token":null})", R"({"token":7})", R"({"token":"a\r\nX: y"})",
               R"({"token":"a b"})", R"({"token":"ä"})", R"({"token":"T","expires_in":"soon"})", "<html>");
  REQUIRE_FAULT(registry::parse_token(view_of(body)), Fault::unauthorized);
}

TEST_CASE("Basic is user and password in base64", "[registry]") {
  registry::Credentials credentials;
  credentials.user = "robot$ci";
  credentials.secret = "a:b";
  CHECK(registry::basic_header(credentials) == "Authorization: Basic cm9ib3QkY2k6YTpi");
}
