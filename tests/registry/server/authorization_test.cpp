// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using test::Asked;
using test::LoopbackServer;
using test::Told;
using test::World;

namespace {

// alice:s3cret
const std::string kBasic = "Basic YWxpY2U6czNjcmV0";

Told tags() {
  Told told;
  told.body = R"({"tags":["a"]})";
  return told;
}

Told challenge(const std::string& header) {
  Told told;
  told.status = 401;
  told.headers = {{"WWW-Authenticate", header}};
  told.body = R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})";
  return told;
}

Told refusal(int status) {
  Told told;
  told.status = status;
  return told;
}

Told token(const std::string& value) {
  Told told;
  told.body = R"({"token":")" + value + R"(","expires_in":300})";
  return told;
}

/// A registry that wants "Bearer TOKEN" and the server that gives tokens out; both can be told to misbehave.
struct Pair {
  LoopbackServer::Answer give = [](const Asked&) { return token("good"); };
  std::string wanted = "Bearer good";
  std::string extra;
  LoopbackServer tokens{[this](const Asked& asked) { return give(asked); }};
  LoopbackServer server{[this](const Asked& asked) {
    if (asked.header("authorization") == wanted) return tags();
    return challenge("Bearer realm=\"http://" + tokens.name() +
                     "/token\",service=\"svc\",scope=\"repository:lib/app:pull\"" + extra);
  }};
};

struct Asking {
  explicit Asking(const LoopbackServer& server) : name(server.name()) {}

  void log_in(const std::string& entry) const { world.set_config(R"({"auths":{")" + name + "\":" + entry + "}}"); }
  std::vector<std::string> tags() {
    return registry::Client(world.settings, Reference::parse(name + "/lib/app")).tags();
  }
  std::string message() {
    return test::message_of([this] { tags(); });
  }

  std::string name;
  World world;
};

const std::string kAlice = R"({"auth":"YWxpY2U6czNjcmV0"})";

}  // namespace

TEST_CASE("a password goes out only after a Basic challenge, and then with every request", "[registry]") {
  const LoopbackServer server([](const Asked& asked) {
    return asked.header("authorization") == kBasic ? tags() : challenge("basic realm=\"x\"");
  });
  Asking asking(server);
  asking.log_in(kAlice);
  registry::Client client(asking.world.settings, Reference::parse(server.name() + "/lib/app"));
  CHECK(client.tags().size() == 1);
  CHECK(client.tags().size() == 1);
  REQUIRE(server.asked().size() == 3);
  CHECK_FALSE(server.asked()[0].has("authorization"));
  CHECK(server.asked()[1].header("authorization") == kBasic);
  CHECK(server.asked()[2].header("authorization") == kBasic);
}

TEST_CASE("a server that does not ask gets no password", "[registry]") {
  const LoopbackServer server([](const Asked&) { return tags(); });
  Asking asking(server);
  asking.log_in(kAlice);
  CHECK(asking.tags().size() == 1);
  CHECK_FALSE(server.asked()[0].has("authorization"));
}

TEST_CASE("a refused password is told from none at all, and neither is sent for ever", "[registry]") {
  const LoopbackServer server([](const Asked&) { return challenge("Basic realm=\"x\""); });
  Asking asking(server);
  CHECK(asking.message().find("without credentials (none for " + asking.name + " in ") != std::string::npos);
  CHECK(server.asked().size() == 1);
  asking.log_in(kAlice);
  CHECK(asking.message().find("the password of alice stored in ") != std::string::npos);
  CHECK(server.asked().size() == 3);
  REQUIRE_FAULT(asking.tags(), Fault::unauthorized);
}

TEST_CASE("a token is fetched without credentials when there are none", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  CHECK(asking.tags().size() == 1);
  REQUIRE(pair.tokens.asked().size() == 1);
  CHECK(pair.tokens.asked()[0].target == "/token?service=svc&scope=repository%3Alib%2Fapp%3Apull");
  CHECK_FALSE(pair.tokens.asked()[0].has("authorization"));
}

TEST_CASE("a token is fetched with the registry's password, which the registry itself does not get", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  asking.log_in(kAlice);
  CHECK(asking.tags().size() == 1);
  CHECK(pair.tokens.asked()[0].header("authorization") == kBasic);
  for (const Asked& asked : pair.server.asked()) CHECK(asked.header("authorization") != kBasic);
}

TEST_CASE("an identity token is exchanged by POST", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  asking.log_in(R"({"auth":"YWxpY2U6","identitytoken":"RT/+1"})");
  CHECK(asking.tags().size() == 1);
  const Asked asked = pair.tokens.asked()[0];
  CHECK(asked.method == "POST");
  CHECK(asked.target == "/token");
  CHECK(asked.header("content-type") == "application/x-www-form-urlencoded");
  CHECK(asked.body ==
        "grant_type=refresh_token&client_id=hallmark&refresh_token=RT%2F%2B1&service=svc&"
        "scope=repository%3Alib%2Fapp%3Apull");
  CHECK_FALSE(asked.has("authorization"));
}

TEST_CASE("a refused identity token says that it was the identity token", "[registry]") {
  Pair pair;
  pair.give = [](const Asked&) { return refusal(404); };
  Asking asking(pair.server);
  asking.log_in(R"({"identitytoken":"RT"})");
  CHECK(asking.message().find("the identity token stored in ") != std::string::npos);
  REQUIRE_FAULT(asking.tags(), Fault::unauthorized);
}

TEST_CASE("a stored registry token is used as it is", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  asking.log_in(R"({"registrytoken":"good"})");
  CHECK(asking.tags().size() == 1);
  CHECK(pair.tokens.asked().empty());
  asking.log_in(R"({"registrytoken":"bad"})");
  REQUIRE_FAULT(asking.tags(), Fault::unauthorized);
}

TEST_CASE("a token that forges headers is not sent", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  asking.log_in(R"({"registrytoken":"good\r\nX-Forged: 1"})");
  REQUIRE_FAULT(asking.tags(), Fault::usage);
}

TEST_CASE("a password that the token server refuses is told apart from a token that does not allow it", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  asking.log_in(kAlice);
  pair.give = [](const Asked&) { return refusal(401); };
  CHECK(asking.message().find("the password of alice stored in ") != std::string::npos);
  pair.give = [](const Asked&) { return token("without the right"); };
  pair.give = [](const Asked&) { return token("poor"); };
  pair.extra = ",error=\"insufficient_scope\"";
  CHECK(asking.message().find("the token of alice does not allow it") != std::string::npos);
  CHECK(pair.tokens.asked().size() == 2);
  REQUIRE_FAULT(asking.tags(), Fault::unauthorized);
}

TEST_CASE("without credentials and anonymous tokens it is said where was looked", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  pair.give = [](const Asked&) { return refusal(401); };
  CHECK(asking.message().find("no credentials in ") != std::string::npos);
  REQUIRE_FAULT(asking.tags(), Fault::unauthorized);
}

TEST_CASE("a broken token server is unavailable, not unauthorized", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  const int status = GENERATE(500, 503, 404);
  pair.give = [&](const Asked&) { return refusal(status); };
  REQUIRE_FAULT(asking.tags(), Fault::unavailable);
}

TEST_CASE("a token server that sends nonsense is refused", "[registry]") {
  Pair pair;
  Asking asking(pair.server);
  Told told;
  const LoopbackServer::Answer nonsense = [&](const Asked&) { return told; };
  pair.give = nonsense;
  told.body = "<html>";
  REQUIRE_FAULT(asking.tags(), Fault::unauthorized);
  told.body = std::string(65536, 'x');
  told.endless = true;
  REQUIRE_FAULT(asking.tags(), Fault::unavailable);
}

TEST_CASE("a token that expires in the middle is replaced once", "[registry]") {
  Pair pair;
  std::atomic<int> given = 0;
  pair.give = [&](const Asked&) { return token("t" + std::to_string(++given)); };
  pair.wanted = "Bearer t1";
  Asking asking(pair.server);
  registry::Client client(asking.world.settings, Reference::parse(asking.name + "/lib/app"));
  CHECK(client.tags().size() == 1);
  pair.wanted = "Bearer t2";
  CHECK(client.tags().size() == 1);
  CHECK(given == 2);
}

TEST_CASE("threads share one token", "[registry]") {
  Pair pair;
  pair.give = [](const Asked&) {
    Told told = token("good");
    told.silence = std::chrono::milliseconds(100);
    return told;
  };
  Asking asking(pair.server);
  registry::Client client(asking.world.settings, Reference::parse(asking.name + "/lib/app"));
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int index = 0; index < 4; ++index) {
    threads.emplace_back([&] { good += static_cast<int>(client.tags().size()); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 4);
  CHECK(pair.tokens.asked().size() == 1);
}

TEST_CASE("a challenge that names another scope is followed, a wider one for the same repository is not",
          "[registry]") {
  std::string scope = "repository:lib/app:pull,push repository:lib/base:pull";
  const LoopbackServer tokens([](const Asked&) { return token("good"); });
  const LoopbackServer server([&](const Asked& asked) {
    if (asked.has("authorization")) return tags();
    return challenge("Bearer realm=\"http://" + tokens.name() + "/token\",scope=\"" + scope + "\"");
  });
  Asking asking(server);
  CHECK(asking.tags().size() == 1);
  CHECK(tokens.asked()[0].target == "/token?scope=repository%3Alib%2Fapp%3Apull&scope=repository%3Alib%2Fbase%3Apull");
}

TEST_CASE("a 401 without a challenge is asked about at the entrance", "[registry]") {
  const LoopbackServer server([](const Asked& asked) {
    if (asked.target == "/v2/") return challenge("Basic realm=\"x\"");
    return asked.header("authorization") == kBasic ? tags() : refusal(401);
  });
  Asking asking(server);
  asking.log_in(kAlice);
  CHECK(asking.tags().size() == 1);
}

TEST_CASE("a realm that a password must not reach is refused before anything is sent", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) { return challenge("Bearer realm=\"http://auth.example/token\""); });
  Asking asking(server);
  asking.log_in(kAlice);
  CHECK(asking.message().find("http://auth.example/token") != std::string::npos);
  REQUIRE_FAULT(asking.tags(), Fault::unauthorized);
}

TEST_CASE("a token server's redirect keeps the password at home", "[registry]") {
  const LoopbackServer other([](const Asked&) { return token("good"); });
  Pair pair;
  pair.give = [&](const Asked&) {
    Told told = refusal(307);
    told.headers = {{"Location", "http://" + other.name() + "/elsewhere"}};
    return told;
  };
  Asking asking(pair.server);
  asking.log_in(kAlice);
  CHECK(asking.tags().size() == 1);
  REQUIRE(other.asked().size() == 1);
  CHECK_FALSE(other.asked()[0].has("authorization"));
  asking.log_in(R"({"identitytoken":"RT"})");
  REQUIRE_FAULT(asking.tags(), Fault::unavailable);
  CHECK(other.asked().size() == 1);
}

TEST_CASE("no secret is ever said", "[registry]") {
  Pair pair;
  pair.give = [](const Asked&) { return token("very-secret-token"); };
  Asking asking(pair.server);
  asking.log_in(kAlice);
  const std::string message = asking.message();
  for (const std::string& secret : {std::string("s3cret"), kBasic.substr(6), std::string("very-secret-token")}) {
    CHECK(message.find(secret) == std::string::npos);
    CHECK(asking.world.said().find(secret) == std::string::npos);
  }
  CHECK(asking.world.said().find("/token -> 200") != std::string::npos);
}
