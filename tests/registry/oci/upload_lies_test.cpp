// SPDX-License-Identifier: Apache-2.0
//
// Uploads to a registry whose answers are not what they say.
#include "tests/registry/shelf.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::Delivery;
using test::Asked;
using test::Scene;
using test::status;
using test::Told;

TEST_CASE("the digest that a registry says may be of another algorithm", "[registry][upload]") {
  Scene scene(5000);
  const auto says = [&](const std::string& digest) {
    scene.lie = [&scene, digest](const Asked& asked) {
      Told told = scene.shelf(asked);
      if (asked.method == "PUT") told.headers = {{"Docker-Content-Digest", digest}};
      return told;
    };
    return scene.put({});
  };
  CHECK(says(Digest::of(view_of(scene.bytes), Algorithm::sha512).to_string()) == Delivery::sent);
  CHECK(says("blake3:" + std::string(64, 'a')) == Delivery::sent);
  REQUIRE_FAULT(says("sha512:" + std::string(128, 'a')), Fault::corrupt);
}

TEST_CASE("a registry that says yes and does not keep a blob is found out", "[registry][upload]") {
  Scene scene(5000);
  SECTION("whatever it says") {
    const int number = GENERATE(200, 201, 202, 204);
    scene.lie = [&scene, number](const Asked& asked) {
      if (asked.method == "POST") return scene.shelf(asked);
      return status(asked.method == "PUT" ? number : 404, {});
    };
    REQUIRE_FAULT(scene.put({}), Fault::unavailable);
    CHECK(test::message_of([&] { scene.put({}); }).find("took it, but does not show it") != std::string::npos);
  }
  SECTION("after a moment is soon enough") {
    scene.lie = [&scene, asked_for = 0](const Asked& asked) mutable {
      return asked.method == "HEAD" && ++asked_for < 3 ? status(404, {}) : scene.shelf(asked);
    };
    CHECK(scene.put({}) == Delivery::sent);
  }
  SECTION("what a cache remembers does not count") {
    scene.lie = [&scene](const Asked& asked) {
      const bool is_cached = asked.method == "HEAD" && asked.header("cache-control") != "no-cache";
      return is_cached ? status(404, {}) : scene.shelf(asked);
    };
    CHECK(scene.put({}) == Delivery::sent);
  }
  SECTION("who may not look has no way to know") {
    scene.lie = [&scene](const Asked& asked) { return asked.method == "HEAD" ? status(405, {}) : scene.shelf(asked); };
    CHECK(scene.put({}) == Delivery::sent);
    CHECK(scene.world.said().find("does not let anybody look whether it has it: HTTP 405") != std::string::npos);
  }
  SECTION("what is not there where the registry leads to is not there") {
    const int number = GENERATE(404, 403);
    scene.lie = [&scene, number](const Asked& asked) {
      if (asked.target == "/elsewhere") return status(number, {});
      return asked.method == "HEAD" ? status(307, {{"Location", "/elsewhere"}}) : scene.shelf(asked);
    };
    if (number == 404) {
      REQUIRE_FAULT(scene.put({}), Fault::unavailable);
    } else {
      CHECK(scene.put({}) == Delivery::sent);
      CHECK(scene.world.said().find("HTTP 403") != std::string::npos);
    }
  }
  SECTION("a mount that is none") {
    scene.shelf.lies_about_mounts = true;
    CHECK(scene.put("other/one") == Delivery::sent);
    CHECK(scene.has_it());
  }
}

TEST_CASE("a server that confirms byte after byte is given up in the end", "[registry][upload]") {
  Scene scene(3'000'000);
  scene.lie = [&scene, confirmed = 0](const Asked& asked) mutable {
    if (asked.method == "PUT") return status(413, {});
    if (asked.method != "PATCH") return scene.shelf(asked);
    ++confirmed;
    return status(202, {{"Location", "/v2/a/b/blobs/uploads/1?state=" + std::to_string(scene.shelf.state)},
                        {"Range", "0-" + std::to_string(confirmed)}});
  };
  REQUIRE_FAULT(scene.put({}), Fault::unavailable);
  CHECK(scene.server.asked().size() < 60);
}
