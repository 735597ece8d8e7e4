// SPDX-License-Identifier: Apache-2.0
#include "registry/server/challenge.h"

#include "tests/support/catch.h"

using namespace hallmark;
using registry::choose_challenge;
using registry::parse_challenges;

TEST_CASE("a bearer challenge is read as registries write it", "[registry]") {
  const auto challenges = parse_challenges(
      "Bearer "
      "realm=\"https://auth.example/token\",service=\"svc\",scope=\"repository:a/b:pull\",error=\"invalid_token\"");
  REQUIRE(challenges.size() == 1);
  CHECK(challenges[0].scheme == "bearer");
  CHECK(challenges[0].parameter("realm") == "https://auth.example/token");
  CHECK(challenges[0].parameter("service") == "svc");
  CHECK(challenges[0].parameter("scope") == "repository:a/b:pull");
  CHECK(challenges[0].parameter("error") == "invalid_token");
  CHECK(challenges[0].parameter("absent").empty());
}

TEST_CASE("names are read in any case, values quoted, escaped or bare, with any white space", "[registry]") {
  const auto challenges = parse_challenges("bEARER  ReAlM = \"a\\\"b\\\\c, d\" ,\tSERVICE=s v, scope=");
  REQUIRE_FALSE(challenges.empty());
  CHECK(challenges[0].scheme == "bearer");
  CHECK(challenges[0].parameter("realm") == "a\"b\\c, d");
  CHECK(challenges[0].parameter("service") == "s");
}

TEST_CASE("several challenges may stand in one header", "[registry]") {
  const auto challenges = parse_challenges("Negotiate, NTLM abc==, Basic realm=\"x\", Bearer realm=\"https://t/\"");
  REQUIRE(challenges.size() == 4);
  CHECK(challenges[0].scheme == "negotiate");
  CHECK(challenges[2].scheme == "basic");
  CHECK(challenges[2].parameter("realm") == "x");
  CHECK(challenges[3].parameter("realm") == "https://t/");
}

TEST_CASE("bearer is answered before basic, in whatever order they come", "[registry]") {
  CHECK(choose_challenge({"Basic realm=\"x\", Bearer realm=\"https://t/\""})->scheme == "bearer");
  CHECK(choose_challenge({"Basic realm=\"x\"", "Bearer realm=\"https://t/\""})->scheme == "bearer");
  CHECK(choose_challenge({"Negotiate, Basic realm=\"x\""})->scheme == "basic");
  CHECK(choose_challenge({"Bearer service=\"no realm\"", "Basic"})->scheme == "basic");
}

TEST_CASE("what is no challenge we speak is none", "[registry]") {
  const std::string header = GENERATE(as<std::string>{}, "", ",,, ,", "Negotiate", "Digest realm=\"x\"", "Bearer",
                                      "Bearer realm=\"never ends", "\"", "= = =", "Bearer realm=\"\"");
  CHECK_FALSE(choose_challenge({header}));
}

TEST_CASE("the first of two values of one name holds", "[registry]") {
  CHECK(parse_challenges("Bearer realm=\"https://a/\",realm=\"https://b/\"")[0].parameter("realm") == "https://a/");
}

TEST_CASE("a header that never ends is read to a limit", "[registry]") {
  std::string header;
  for (int index = 0; index < 5000; ++index) header += "Basic realm=\"x\", ";
  CHECK(parse_challenges(header).size() == 16);
}

TEST_CASE("scopes are entries, each once, and not too many", "[registry]") {
  CHECK(registry::scopes_of("a:b:pull  c:d:pull a:b:pull") == std::vector<std::string>{"a:b:pull", "c:d:pull"});
  CHECK(registry::scopes_of("").empty());
  std::string many;
  for (int index = 0; index < 100; ++index) many += "r:" + std::to_string(index) + ":pull ";
  CHECK(registry::scopes_of(many).size() == 8);
}
