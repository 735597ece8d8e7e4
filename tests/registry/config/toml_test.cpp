// SPDX-License-Identifier: Apache-2.0
#include "registry/config/toml.h"

#include <string>

#include "tests/support/catch.h"
#include "trust/error.h"

using namespace hallmark;
using test::message_of;
namespace toml = registry::toml;

namespace {

/// What is refused names the file and this line.
void require_refused(const std::string& text, const std::string& line) {
  INFO(text);
  try {
    static_cast<void>(toml::parse("F", text));
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::usage);
    CHECK(std::string(error.what()).rfind("F:" + line + ": ", 0) == 0);
  }
}

}  // namespace

TEST_CASE("tables, lists of tables, texts, truths and lists of texts are read in their order") {
  const auto tables = toml::parse("F",
                                  "# first\r\n"
                                  "key = 'a\\b' # a comment\n"
                                  "list = [ \"x\", # one\n  'y',\n]\n"
                                  "\n[ table . \"quoted key\" ]\n"
                                  "\"with space\" = \"tab\\there \\\"and\\\" \\\\\"\n"
                                  "[[registry]]\nyes = true\nno = false\n"
                                  "[[registry.mirror]]\n[[registry]]");
  REQUIRE(tables.size() == 5);
  CHECK(tables[0].text("key") == "a\\b");
  CHECK(tables[0].has("list"));
  CHECK(tables[1].name() == "table.quoted key");
  CHECK(tables[1].text("with space") == "tab\there \"and\" \\");
  CHECK(tables[2].is_listed());
  CHECK(tables[2].truth("yes"));
  CHECK_FALSE(tables[2].truth("no"));
  CHECK_FALSE(tables[2].truth("absent"));
  CHECK(tables[2].text("absent").empty());
  CHECK(tables[2].place() == "F:9");
  CHECK(tables[3].name() == "registry.mirror");
  CHECK(tables[4].name() == "registry");
}

TEST_CASE("an empty file has one nameless empty table") {
  const auto tables = toml::parse("F", "");
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].name().empty());
}

TEST_CASE("all that TOML 1.0 has for texts and tables is read") {
  CHECK(toml::parse("F", "a = \"\"\"\nx\\\n  y\"\"\"")[0].text("a") == "xy");
  CHECK(toml::parse("F", "a = '''\nx'''")[0].text("a") == "x");
  CHECK(toml::parse("F", "a = \"\\u0041\"")[0].text("a") == "A");
  const auto dotted = toml::parse("F", "a.b = true");
  REQUIRE(dotted.size() == 2);
  CHECK(dotted[1].name() == "a");
  CHECK(dotted[1].truth("b"));
  const auto in_line = toml::parse("F", "a = [{b = \"c\"}, {b = \"d\"}]");
  REQUIRE(in_line.size() == 3);
  CHECK(in_line[2].name() == "a");
  CHECK(in_line[2].is_listed());
  CHECK(in_line[2].text("b") == "d");
}

TEST_CASE("a value that is neither text nor truth is there, and is refused by its line where one is asked for") {
  for (const std::string value : {"1", "1979-05-27", "1.5", "[1]", "[[\"x\"]]", "[{b = 1}, 2]", "[]"}) {
    INFO(value);
    const auto tables = toml::parse("F", "\na = " + value);
    REQUIRE(tables.size() == 1);
    CHECK(tables[0].has("a"));
    CHECK(message_of([&] { static_cast<void>(tables[0].text("a")); }) == "F:2: a is no text");
    CHECK(message_of([&] { static_cast<void>(tables[0].truth("a")); }) == "F:2: a is neither true nor false");
  }
}

TEST_CASE("what is no TOML is refused by its line") {
  require_refused("a", "1");
  require_refused("a =", "1");
  require_refused("a = truest", "1");
  require_refused("a = true b = true", "1");
  require_refused("= true", "1");
  require_refused("a = \"x", "1");
  require_refused("a = \"x\nb = \"y\"", "1");
  require_refused("a = [\"x\"\n\"y\"]", "2");
  require_refused("a = [\"x\",\n", "1");
  require_refused("[a", "1");
  require_refused("[[a]", "1");
  require_refused("[]", "1");
  require_refused("a = \"\x01\"", "1");
  require_refused("# \x7f", "1");
  require_refused(std::string("a = true\n\0", 10), "2");
}

TEST_CASE("what is said twice is refused") {
  require_refused("a = true\na = true", "2");
  require_refused("[a]\n[a]", "2");
  require_refused("[a]\n[[a]]", "2");
}

TEST_CASE("a value of another type, or a key that nobody knows, is refused by its line") {
  const auto tables = toml::parse("F", "\na = true\nb = \"x\"\n");
  REQUIRE_FAULT(tables[0].text("a"), Fault::usage);
  REQUIRE_FAULT(tables[0].truth("b"), Fault::usage);
  REQUIRE_FAULT(tables[0].allow_only({"a"}), Fault::usage);
  tables[0].allow_only({"a", "b"});
}

TEST_CASE("a file has a size beyond which nobody reads it") {
  const std::string comment(toml::kMostBytes - 1, 'x');
  CHECK(toml::parse("F", "#" + comment).size() == 1);
  REQUIRE_FAULT(toml::parse("F", "##" + comment), Fault::usage);
}

TEST_CASE("names within names end before the stack does") {
  const auto deep = [](std::size_t depth) {
    std::string name = "a";
    for (std::size_t level = 0; level < depth; ++level) name += ".a";
    return name;
  };
  for (const std::size_t depth : {std::size_t{3000}, std::size_t{200'000}}) {
    require_refused("\n" + deep(depth) + " = true", "2");
    require_refused("[" + deep(depth) + "]\nb = true", "1");
  }
  std::string nested = "b = true";
  for (int level = 0; level < 200; ++level) nested = deep(100) + " = {" + nested + "}";
  require_refused(nested, "1");
  CHECK(toml::parse("F", deep(1000) + " = true").back().truth("a"));
  std::string hosts = "b = true\nhosts = [";
  for (int host = 0; host < 400; ++host) hosts += "\"registry.example.org\",";
  CHECK(toml::parse("F", hosts + "]").front().truth("b"));
}
