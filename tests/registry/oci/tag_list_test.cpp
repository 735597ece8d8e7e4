// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/tag_list.h"

#include "registry/oci/client.h"
#include "registry/oci/link_header.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace hallmark;
using registry::next_link;
using test::Asked;
using test::LoopbackServer;
using test::message_of;
using test::Told;
using test::World;

namespace {

using Tags = std::vector<std::string>;

Told page(const std::string& tags, const std::string& link = "") {
  Told told;
  told.body = R"({"name":"lib/app","tags":)" + tags + "}";
  if (!link.empty()) told.headers = {{"Link", link}};
  return told;
}

Tags tags(World& world, const LoopbackServer& server) {
  return registry::Client(world.settings, Reference::parse(server.name() + "/lib/app")).tags();
}

}  // namespace

TEST_CASE("the next page is the link with rel next", "[registry]") {
  CHECK(next_link({"</v2/a/tags/list?last=b&n=1>; rel=\"next\""}) == "/v2/a/tags/list?last=b&n=1");
  CHECK(next_link({"</a>; rel=prev, </b>;rel=next"}) == "/b");
  CHECK(next_link({"</a>; title=\"x\"; rel=\"prev next\""}) == "/a");
  CHECK(next_link({"</a>; rel=prev", "</b>; rel=\"next\""}) == "/b");
  for (const char* header : {"", "</a>", "</a>; rel=prev", "</a>; rel=nextdoor", "</a>; rev=next", "</a>; rel",
                             "</a>; title=\"; rel=next\""}) {
    CHECK_FALSE(next_link({header}));
  }
}

TEST_CASE("a link is the same in capitals, with commas in quotes and among others", "[registry]") {
  for (const char* header :
       {"</a>; Rel=\"next\"", "</a>; rel=\"Next\"", "</a>;REL=NEXT", "</a>; title=\"a, b\"; rel=\"next\"",
        "</a>;title=\"x;y\";rel=next", "</a> ; rel = next", "</a>; title=\"q\\\", <\"; rel=\"prev\tnext\"",
        ", </b>; rel=prev,, </a>;;rel=next,", "</b,>; rel=\"prev\"; rel=\"next\", </a>; rel=next"}) {
    CAPTURE(header);
    CHECK(next_link({header}) == "/a");
  }
  CHECK(next_link({"</a>; rel=prev", "</b>; rel=next, </c>; rel=next", "</d>; rel=next"}) == "/b");
}

TEST_CASE("a link that cannot be read is no end of the list", "[registry]") {
  for (const char* header : {"</a; rel=next", "/a>; rel=next", "</a> rel=next", "</a>; rel=\"next",
                             "</a>; rel=\"next\\", "</a>; rel=next, /b", "</a"}) {
    CAPTURE(header);
    REQUIRE_FAULT(next_link({header}), Fault::unavailable);
  }
  World world;
  const LoopbackServer server([](const Asked&) { return page(R"(["a"])", "</v2/lib/app/tags/list?last=a"); });
  REQUIRE_FAULT(tags(world, server), Fault::unavailable);
}

TEST_CASE("an entry of a list that is no tag is left out and told", "[registry]") {
  std::string listed = R"(["1","2.0"])";
  World world;
  std::vector<std::string> told;
  world.settings.notice = [&](const std::string& line) { told.push_back(line); };
  const LoopbackServer server([&](const Asked&) { return page(listed); });
  CHECK(tags(world, server) == Tags{"1", "2.0"});
  listed = "null";
  CHECK(tags(world, server).empty());
  CHECK(told.empty());
  listed = R"(["1",".hidden","a b","a\nb","","sha256:0"])";
  CHECK(tags(world, server) == Tags{"1"});
  REQUIRE(told.size() == 1);
  CHECK(told.front() == "warning: " + server.name() +
                            "/lib/app: 5 entries of its list of tags are no tags and are left "
                            "out, the first is \".hidden\"");
}

TEST_CASE("an address of pages that only grows is told as that", "[registry]") {
  World world;
  const LoopbackServer server(
      [](const Asked& asked) { return page(R"(["a"])", "<" + asked.target + std::string(1000, 'x') + ">; rel=next"); });
  CHECK(message_of([&] { tags(world, server); }).find("the address of the next page of the list has more than 8192") !=
        std::string::npos);
}

TEST_CASE("tags come sorted, each once, without what is no tag", "[registry]") {
  World world;
  const LoopbackServer server(
      [](const Asked&) { return page(R"(["b","a","b",null,"sha256:abc","-x","","_ok",5,"A"])"); });
  CHECK(tags(world, server) == Tags{"A", "_ok", "a", "b"});
  CHECK(server.asked()[0].target == "/v2/lib/app/tags/list?n=1000");
}

TEST_CASE("no tags at all are no tags", "[registry]") {
  World world;
  const std::string body =
      GENERATE(as<std::string>{}, R"({"name":"x","tags":null})", R"({"name":"x"})", R"({"name":"x","tags":[]})");
  const LoopbackServer server([&](const Asked&) {
    Told told;
    told.body = body;
    return told;
  });
  CHECK(tags(world, server).empty());
}

TEST_CASE("an error that is called a success is no list of tags, and neither is a later page without one",
          "[registry]") {
  World world;
  std::string body;
  bool is_later = false;
  const LoopbackServer server([&](const Asked& asked) {
    if (is_later && asked.target.ends_with("?n=1000")) return page(R"(["a"])", "<?x=1>; rel=next");
    Told told;
    told.body = body;
    return told;
  });
  for (const char* text : {R"({"errors":[{"code":"UNKNOWN","message":"x"}]})", "{}",
                           R"({"name":"x","tags":["b"],"errors":[{"code":"UNKNOWN"}]})"}) {
    body = text;
    is_later = false;
    REQUIRE_FAULT(tags(world, server), Fault::unavailable);
    is_later = true;
    REQUIRE_FAULT(tags(world, server), Fault::unavailable);
  }
  for (const char* text : {R"({"name":"x","tags":null})", R"({"name":"x"})"}) {
    body = text;
    REQUIRE_FAULT(tags(world, server), Fault::unavailable);
  }
  body = R"({"name":"x","tags":[]})";
  CHECK(tags(world, server) == Tags{"a"});
}

TEST_CASE("a page that nobody promised may have no list", "[registry]") {
  World world;
  std::string full = "[";
  for (int tag = 0; tag < 1000; ++tag) full += (tag == 0 ? "\"" : ",\"") + std::to_string(tag) + "\"";
  full += "]";
  const LoopbackServer server(
      [&](const Asked& asked) { return page(asked.target.ends_with("?n=1000") ? full : "null"); });
  CHECK(tags(world, server).size() == 1000);
}

TEST_CASE("what is no list of tags is refused", "[registry]") {
  World world;
  const std::string body =
      GENERATE(as<std::string>{}, "", "[]", "<html>", R"({"tags":{}})", R"({"tags":["a"],"tags":[]})");
  const LoopbackServer server([&](const Asked&) {
    Told told;
    told.body = body;
    return told;
  });
  REQUIRE_FAULT(tags(world, server), Fault::corrupt);
}

TEST_CASE("links are followed as they are, relative and absolute", "[registry]") {
  World world;
  std::string name;
  const LoopbackServer server([&](const Asked& asked) {
    if (asked.target.ends_with("?n=1000")) return page(R"(["a"])", "</v2/lib/app/tags/list?opaque=1>; rel=\"next\"");
    if (asked.target.ends_with("?opaque=1")) return page(R"(["b"])", "<?opaque=2>; rel=\"next\"");
    if (asked.target.ends_with("?opaque=2")) return page(R"(["c"])", "<http://" + name + "/v2/p>; rel=\"next\"");
    return page(R"(["d"])");
  });
  name = server.name();
  CHECK(tags(world, server) == Tags{"a", "b", "c", "d"});
}

TEST_CASE("a link that leads back is no end of the list", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked& asked) {
    return page(R"(["a"])", asked.target.ends_with("x=1") ? "<?n=1000>; rel=next" : "<?x=1>; rel=next");
  });
  REQUIRE_FAULT(tags(world, server), Fault::unavailable);
  CHECK(server.asked().size() == 2);
}

TEST_CASE("a link to another host is refused", "[registry]") {
  World world;
  const LoopbackServer other([](const Asked&) { return page(R"(["stolen"])"); });
  const LoopbackServer server([&](const Asked&) {
    return page(R"(["a"])", "<http://127.0.0.1:" + std::to_string(other.port()) + "/>; rel=\"next\"");
  });
  REQUIRE_FAULT(tags(world, server), Fault::unavailable);
  CHECK(other.asked().empty());
}

TEST_CASE("a full page without a link is followed by a question for more", "[registry]") {
  World world;
  std::string full;
  for (int index = 0; index < 1000; ++index) full += (full.empty() ? "[\"t" : ",\"t") + std::to_string(index) + "\"";
  full += "]";
  const bool pages = GENERATE(true, false);
  const LoopbackServer server([&](const Asked& asked) {
    if (pages && asked.target.ends_with("&last=t999")) return page(R"(["z"])");
    return page(full);
  });
  CHECK(tags(world, server).size() == (pages ? 1001 : 1000));
  CHECK(server.asked().size() == 2);
}

TEST_CASE("a page has a limit", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) {
    Told told = page(std::string(65536, ' '));
    told.endless = true;
    return told;
  });
  REQUIRE_FAULT(tags(world, server), Fault::corrupt);
}

TEST_CASE("an unknown repository is missing", "[registry]") {
  World world;
  const LoopbackServer server([](const Asked&) {
    Told told;
    told.status = 404;
    return told;
  });
  REQUIRE_FAULT(tags(world, server), Fault::missing);
}
