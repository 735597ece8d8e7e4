// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/referrers.h"

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

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kList =
    R"({"schemaVersion":2,"manifests":[{"mediaType":"x","digest":")" + kDigest + R"(","size":1}]})";

/// Of a client's own list, under a tag.
const std::string kIndexOfTag =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",)" + kList.substr(19);

Told referrers_page(const std::string& body, const std::string& next = "") {
  Told told;
  told.body = body;
  if (!next.empty()) told.headers = {{"Link", "<?page=" + next + ">; rel=\"next\""}};
  return told;
}

std::size_t count_of(const std::function<Told(const Asked&)>& answer) {
  World world;
  const LoopbackServer server(answer);
  registry::Client client(world.settings, Reference::parse(server.name() + "/a/b"));
  return client.referrers(Digest::parse(kDigest)).size();
}

bool has(const Asked& asked, const char* part) { return asked.target.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("what is no list of referrers, or none of this registry, is no answer", "[registry]") {
  CHECK(count_of([](const Asked&) { return referrers_page(kList); }) == 1);
  CHECK(count_of([](const Asked&) { return referrers_page(R"({"schemaVersion":2,"manifests":null})"); }) == 0);
  for (const std::string& text : {std::string(R"({"errors":[{"code":"UNKNOWN","message":"x"}]})"), std::string("{}")}) {
    REQUIRE_FAULT(count_of([&](const Asked&) { return referrers_page(text); }), Fault::unavailable);
    REQUIRE_FAULT(count_of([&](const Asked& asked) {
                    return has(asked, "page=2") ? referrers_page(text) : referrers_page(kList, "2");
                  }),
                  Fault::unavailable);
  }
  SECTION("a page that leads back to another") {
    REQUIRE_FAULT(count_of([](const Asked& asked) { return referrers_page(kList, has(asked, "page=2") ? "1" : "2"); }),
                  Fault::unavailable);
  }
  SECTION("a registry that has moved whole says it itself") {
    CHECK(count_of([](const Asked& asked) {
            Told told;
            if (has(asked, "/manifests/sha256-")) return referrers_page(kIndexOfTag);
            told.status = asked.target.starts_with("/moved") ? 404 : 307;
            told.headers = {{"Location", "/moved" + asked.target}};
            return told;
          }) == 1);
  }
  SECTION("that another address has none") {
    REQUIRE_FAULT(count_of([](const Asked& asked) {
                    Told told;
                    told.status = has(asked, "/referrers/") ? 307 : 404;
                    told.headers = {{"Location", "/elsewhere"}};
                    return told;
                  }),
                  Fault::unavailable);
  }
}
