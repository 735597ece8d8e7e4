// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "registry/metadata/notary.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::NotaryServer;
using registry::Publication;
using registry::TrustAccess;
using test::Asked;
using test::Foul;
using test::LoopbackServer;
using test::TlsIdentity;
using test::Told;
using test::World;

namespace {

const std::string kPublishedGun = "localhost:5000/lib/debian";
const std::string kBase = "/v2/" + kPublishedGun + "/_trust/tuf/";

class PublishingTrust {
 public:
  explicit PublishingTrust(LoopbackServer::Answer answer) : server(std::move(answer), identity_) {
    world.folder.write("docker/tls/" + server.name() + "/ca.crt", identity_.certificate_pem());
  }
  NotaryServer open(TrustAccess access) {
    return {world.settings, Reference::parse(kPublishedGun), kPublishedGun, "https://" + server.name(), {}, access};
  }
  Publication publish() {
    return open(TrustAccess::publish).publish({{"root", bytes_of("{root}")}, {"targets/releases", bytes_of("{t}")}});
  }

  World world;

 private:
  TlsIdentity identity_{{}};

 public:
  LoopbackServer server;
};

Told refusal(int status, const std::string& code, const std::string& detail) {
  Told told;
  told.status = status;
  told.body = R"({"errors":[{"code":")" + code + R"(","message":"words","detail":)" + detail + "}]}";
  return told;
}

}  // namespace

TEST_CASE("documents are published as docker publishes them", "[registry]") {
  PublishingTrust trust([](const Asked&) { return Told{}; });
  CHECK(trust.publish().kind == Publication::Kind::accepted);
  REQUIRE(trust.server.asked().size() == 1);
  const Asked asked = trust.server.asked().front();
  CHECK(asked.method == "POST");
  CHECK(asked.target == kBase);
  const std::string type = asked.header("content-type");
  const std::string mark = "multipart/form-data; boundary=";
  REQUIRE(type.starts_with(mark));
  const std::string boundary = type.substr(mark.size());
  CHECK(boundary.size() == 60);
  // Line by line what docker 28 sends.
  const std::string head = "\r\nContent-Disposition: form-data; name=\"files\"; filename=\"";
  const std::string type_line = "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
  CHECK(asked.body == "--" + boundary + head + "root" + type_line + "{root}\r\n--" + boundary + head +
                          "targets/releases" + type_line + "{t}\r\n--" + boundary + "--\r\n");
}

TEST_CASE("what the trust server says about a publication is a value", "[registry]") {
  Told answer;
  PublishingTrust trust([&](const Asked&) { return answer; });
  using Kind = Publication::Kind;
  const auto expect = [&](const Told& told, Kind kind, Fault fault, const std::string& words) {
    answer = told;
    const Publication publication = trust.publish();
    CAPTURE(publication.detail);
    CHECK(publication.kind == kind);
    CHECK(publication.fault == fault);
    CHECK(publication.detail.find(words) != std::string::npos);
  };
  expect(refusal(400, "VERSION", "{}"), Kind::conflict, Fault::unavailable, "newer version");
  expect(refusal(400, "INVALID_UPDATE", R"({"Name":"ErrBadTargets","Error":{"Msg":"bad sig"}})"), Kind::refused,
         Fault::refused, "bad sig");
  expect(refusal(400, "OTHER", "\"VERSION\""), Kind::refused, Fault::refused, "OTHER");
  expect(refusal(403, "DENIED", "null"), Kind::unreachable, Fault::unauthorized, "not authorized");
  expect(refusal(404, "X", "null"), Kind::refused, Fault::missing, "takes no trust data");
  expect(refusal(413, "X", "null"), Kind::refused, Fault::unavailable, "so large");
  expect(refusal(500, "UPDATING", "null"), Kind::unreachable, Fault::unavailable, "UPDATING");
  Told moved;
  moved.status = 307;
  moved.headers = {{"Location", "/elsewhere"}};
  expect(moved, Kind::unreachable, Fault::unavailable, "307");
  CHECK(trust.server.asked().size() == 8);
}

TEST_CASE("a publication whose answer was lost is not sent again", "[registry]") {
  PublishingTrust trust([](const Asked&) { return Told{}; });
  SECTION("it ended in the middle") {
    trust.server.foul([](const Asked&) { return Foul{{}, 10}; });
    CHECK(trust.publish().kind == Publication::Kind::unreachable);
  }
  SECTION("the server fell silent on a connection that was used before") {
    NotaryServer notary = trust.open(TrustAccess::publish);
    REQUIRE(notary.publish({{"root", bytes_of("1")}}).kind == Publication::Kind::accepted);
    trust.server.foul([](const Asked&) { return Foul{{}, 10}; });
    CHECK(notary.publish({{"root", bytes_of("2")}}).kind == Publication::Kind::unreachable);
    CHECK(trust.server.asked().size() == 2);
    return;
  }
  CHECK(trust.server.asked().size() == 1);
}

TEST_CASE("a trust server that is not there is unreachable", "[registry]") {
  World world;
  const std::string nobody = "https://localhost:" + std::to_string(test::free_port());
  NotaryServer notary(world.settings, Reference::parse(kPublishedGun), kPublishedGun, nobody, {}, TrustAccess::publish);
  const Publication publication = notary.publish({{"root", bytes_of("1")}});
  CHECK(publication.kind == Publication::Kind::unreachable);
  CHECK(publication.fault == Fault::unavailable);
  CHECK(notary.server_key("timestamp").kind == tuf::MetadataReply::Kind::unreachable);
}

TEST_CASE("a name that is no role's is not sent", "[registry]") {
  PublishingTrust trust([](const Asked&) { return Told{}; });
  NotaryServer notary = trust.open(TrustAccess::publish);
  for (const char* role : {"targets/../x", "a\"b", "a\r\nb"}) {
    CAPTURE(role);
    CHECK_THROWS_AS(notary.publish({{role, bytes_of("1")}}), Error);
  }
  CHECK(trust.server.asked().empty());
}

TEST_CASE("the server's keys are asked for and made anew, and only its own", "[registry]") {
  PublishingTrust trust([](const Asked& asked) {
    Told told;
    told.body = asked.method;
    return told;
  });
  NotaryServer notary = trust.open(TrustAccess::administer);
  CHECK(text_of(notary.server_key("timestamp").bytes) == "GET");
  CHECK(trust.server.asked().back().target == kBase + "timestamp.key");
  CHECK(text_of(notary.new_server_key("snapshot").bytes) == "POST");
  CHECK(trust.server.asked().back().target == kBase + "snapshot.key");
  CHECK(trust.server.asked().back().header("content-length") == "0");
  REQUIRE_FAULT(notary.server_key("root"), Fault::usage);
  REQUIRE_FAULT(notary.new_server_key("targets"), Fault::usage);
}

TEST_CASE("each right is asked for by its name", "[registry]") {
  std::string realm;
  PublishingTrust trust([&](const Asked& asked) {
    Told told;
    if (asked.target.starts_with("/token")) {
      told.body = R"({"token":"t"})";
    } else if (!asked.has("authorization")) {
      told.status = 401;
      told.headers = {{"WWW-Authenticate", "Bearer realm=\"" + realm + "/token\",service=\"s\""}};
    }
    return told;
  });
  realm = "https://" + trust.server.name();
  const auto scope_of = [&](TrustAccess access) {
    NotaryServer notary = trust.open(access);
    CHECK(notary.publish({{"root", bytes_of("1")}}).kind == Publication::Kind::accepted);
    const auto asked = trust.server.asked();
    const auto found =
        std::find_if(asked.rbegin(), asked.rend(), [](const Asked& one) { return one.target.starts_with("/token"); });
    return found == asked.rend() ? std::string() : found->target.substr(found->target.find("scope="));
  };
  const std::string start = "scope=repository%3Alocalhost%3A5000%2Flib%2Fdebian%3A";
  CHECK(scope_of(TrustAccess::read) == start + "pull");
  CHECK(scope_of(TrustAccess::publish) == start + "push%2Cpull");
  CHECK(scope_of(TrustAccess::administer) == start + "%2A");
}
