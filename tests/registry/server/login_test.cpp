// SPDX-License-Identifier: Apache-2.0
#include "registry/server/login.h"

#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::check_credentials;
using registry::Credentials;
using test::Asked;
using test::LoopbackServer;
using test::Told;
using test::World;

namespace {

const std::string kBasicOfAlice = "Basic " + base64_of(view_of("alice:s3cret"));

Told login_challenge(const std::string& text) {
  Told told;
  told.status = 401;
  told.headers = {{"WWW-Authenticate", text}};
  return told;
}

}  // namespace

TEST_CASE("a password is checked by Basic", "[registry][login]") {
  World world;
  LoopbackServer server([](const Asked& asked) {
    return asked.header("authorization") == kBasicOfAlice ? Told{} : login_challenge("Basic realm=\"r\"");
  });
  // What is stored does not count.
  world.set_config(R"({"auths":{")" + server.name() + R"(":{"auth":")" + base64_of(view_of("bob:old")) + "\"}}}");
  const auto checked = check_credentials(world.settings, server.name(), "alice", "s3cret");
  CHECK(checked.was_asked);
  CHECK(checked.to_keep.kind == Credentials::Kind::password);
  CHECK(checked.to_keep.secret == "s3cret");
  REQUIRE_FAULT(check_credentials(world.settings, server.name(), "alice", "wr0ng"), Fault::unauthorized);
  const std::string message =
      test::message_of([&] { check_credentials(world.settings, server.name(), "alice", "wr0ng"); });
  CHECK(message.find("the password of alice was refused") != std::string::npos);
  CHECK((message + world.said()).find("wr0ng") == std::string::npos);
  CHECK(world.said().find("s3cret") == std::string::npos);
}

TEST_CASE("a password is checked at the token server, which may give an identity token for it", "[registry][login]") {
  World world;
  std::string refresh;
  std::string name;
  LoopbackServer server([&](const Asked& asked) {
    Told told;
    if (asked.target.starts_with("/token")) {
      if (asked.header("authorization") == kBasicOfAlice) {
        told.body = R"({"token":"t1")" + refresh + "}";
      } else {
        told.status = 401;
        told.body = R"({"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]})";
      }
      return told;
    }
    return asked.header("authorization") == "Bearer t1"
               ? told
               : login_challenge("Bearer realm=\"http://" + name + "/token\",service=\"svc\"");
  });
  name = server.name();
  CHECK(check_credentials(world.settings, name, "alice", "s3cret").to_keep.kind == Credentials::Kind::password);
  CHECK(server.asked().at(1).target == "/token?service=svc&client_id=hallmark&offline_token=true");
  refresh = R"(,"refresh_token":"RT-1")";
  const auto checked = check_credentials(world.settings, name, "alice", "s3cret");
  CHECK(checked.to_keep.kind == Credentials::Kind::identity_token);
  CHECK(checked.to_keep.secret == "RT-1");
  REQUIRE_FAULT(check_credentials(world.settings, name, "alice", "wr0ng"), Fault::unauthorized);
}

TEST_CASE("a registry that asks for nothing, and what is no registry", "[registry][login]") {
  World world;
  int status = 200;
  LoopbackServer server([&](const Asked&) {
    Told told;
    told.status = status;
    return told;
  });
  CHECK_FALSE(check_credentials(world.settings, server.name(), "alice", "x").was_asked);
  status = 404;
  REQUIRE_FAULT(check_credentials(world.settings, server.name(), "alice", "x"), Fault::unavailable);
  status = 503;
  REQUIRE_FAULT(check_credentials(world.settings, server.name(), "alice", "x"), Fault::unavailable);
}
