// SPDX-License-Identifier: Apache-2.0
#include "trust/json.h"

#include "tests/support/catch.h"

using namespace hallmark;

namespace {

json::Value read(std::string_view text) { return json::parse("text", view_of(text)); }

}  // namespace

TEST_CASE("a document is read and written back", "[trust]") {
  const json::Value value = read(R"( {"b":[1,-2,3.50,1e3,true,null,"x\n\u00e9"],"a":{}} )");
  REQUIRE(json::to_text(value) == "{\"a\":{},\"b\":[1,-2,3.50,1e3,true,null,\"x\\n\xc3\xa9\"]}");
  REQUIRE(value.object().at("b").array().at(1).integer() == -2);
  REQUIRE(value.object().find("c") == nullptr);
}

TEST_CASE("two members of one name are refused wherever they are", "[trust]") {
  for (const char* text : {R"({"a":1,"a":1})", R"([{"x":{"a":1,"b":2,"a":3}}])", R"({"a":1,"\u0061":2})"}) {
    INFO(text);
    REQUIRE_THROWS_AS(read(text), json::DuplicateMember);
  }
}

TEST_CASE("what is not strict JSON is refused", "[trust]") {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "{}x",
                                 "{} {}",
                                 "[1,]",
                                 "{\"a\":1,}",
                                 "{'a':1}",
                                 "nul",
                                 "NaN",
                                 "01",
                                 "+1",
                                 ".5",
                                 "1.",
                                 "\"\\x\"",
                                 "\"\\ud800\"",
                                 "\"\xff\"",
                                 "\"\xc0\xaf\"",
                                 "\xef\xbb\xbf{}",
                                 "/* */{}",
                                 "\"\t\"",
                                 "\"abc"}) {
    INFO(text);
    REQUIRE_FAULT(read(text), Fault::corrupt);
  }
  REQUIRE_FAULT(json::parse("text", view_of(std::string_view("{}\0", 3))), Fault::corrupt);
}

TEST_CASE("depth and size are limited", "[trust]") {
  REQUIRE_NOTHROW(read(std::string(64, '[') + std::string(64, ']')));
  REQUIRE_FAULT(read(std::string(65, '[') + std::string(65, ']')), Fault::corrupt);
  REQUIRE_FAULT(read(std::string(100'000, '[')), Fault::corrupt);
  REQUIRE_FAULT(json::parse("text", view_of("[1234]"), json::Limits{5, 8}), Fault::corrupt);
  REQUIRE_NOTHROW(json::parse("text", view_of("[1,2]"), json::Limits{100, 8, 3}));
  REQUIRE_FAULT(json::parse("text", view_of("[1,2,3]"), json::Limits{100, 8, 3}), Fault::corrupt);
}

TEST_CASE("a value of another kind is refused", "[trust]") {
  for (const char* text :
       {"1.0", "1e0", "\"1\"", "true", "null", "[]", "9223372036854775808", "-9223372036854775809"}) {
    INFO(text);
    REQUIRE_FAULT(read(text).integer(), Fault::corrupt);
  }
  REQUIRE(read("9223372036854775807").integer() == 9223372036854775807);
  REQUIRE_FAULT(read("-1").size(), Fault::corrupt);
  REQUIRE_FAULT(read("{}").array(), Fault::corrupt);
  REQUIRE_FAULT(read("{}").object().at("a"), Fault::corrupt);
}

TEST_CASE("what is no longer needed gives away what it holds, when it is of that kind", "[trust]") {
  std::vector<json::Object::Member> members = read(R"({"b":[1,2],"a":"x"})").take_object().take_members();
  REQUIRE(members.size() == 2);
  REQUIRE(members[0].first == "a");
  const json::Array items = std::move(members[1].second).take_array();
  REQUIRE(items.size() == 2);
  REQUIRE(items[1].integer() == 2);
  REQUIRE_FAULT(read("[]").take_object(), Fault::corrupt);
  REQUIRE_FAULT(read("{}").take_array(), Fault::corrupt);
}

TEST_CASE("a format of ours refuses members it does not know", "[trust]") {
  const json::Value value = read(R"({"a":1,"b":2})");
  REQUIRE_NOTHROW(value.object().allow_only({"a", "b"}));
  REQUIRE_FAULT(value.object().allow_only({"a"}), Fault::corrupt);
}

TEST_CASE("the writer keeps the order it is given", "[trust]") {
  json::Writer writer(4);
  writer.begin_array().begin_object().member("z", "\"\x01").key("a").begin_array().end_array().end_object().end_array();
  REQUIRE(writer.text() == "[\n    {\n        \"z\": \"\\\"\\u0001\",\n        \"a\": []\n    }\n]");
}

TEST_CASE("written text cannot command a terminal", "[trust]") {
  REQUIRE(json::quoted("a\x1b[2J\x7f\xc2\x9b\xc2\xa0") == "\"a\\u001b[2J\\u007f\\u009b\xc2\xa0\"");
  const std::string text = json::quoted("\xc2\x9b\x01\\\"");
  REQUIRE(read(text).string() == "\xc2\x9b\x01\\\"");
}

TEST_CASE("written text turns no line and hides nothing, and is read back as it was", "[trust]") {
  const std::string unseen = "\xe2\x80\xae\xe2\x80\xa8\xf3\xa0\x80\x81";
  REQUIRE(json::quoted(unseen) == "\"\\u202e\\u2028\\udb40\\udc01\"");
  REQUIRE(read(json::quoted(unseen)).string() == unseen);
  REQUIRE(json::quoted("\xf0\x9f\x98\x80") == "\"\xf0\x9f\x98\x80\"");
  REQUIRE(json::quoted("a\x9b") == "\"a\\ufffd\"");
}

TEST_CASE("what is no JSON is told by its place, and nothing of it is repeated", "[trust]") {
  for (const char* text : {R"({"a":"topsecret)", R"({"a":"b"topsecret})", "topsecret", R"({"a":"topsecret- 1)",
                           R"(["topsecret\x"])", R"({"topsecret" 1})", "[topsecret- ; last read: topsecret"}) {
    const std::string message = test::message_of([&] { read(text); });
    CAPTURE(text, message);
    REQUIRE(message.starts_with("text: not JSON at line 1, column "));
    REQUIRE(message.find("secret") == std::string::npos);
  }
  REQUIRE(test::message_of([] { read("[1e999]"); }).ends_with(": a number is too large"));
  // Lines and columns as an editor counts them.
  CHECK(
      test::message_of([] { read("{\n  \"a\": 1,\n  oops\n}"); }).starts_with("text: not JSON at line 3, column 3: "));
  CHECK(test::message_of([] { read("{\"a\":\n"); }).starts_with("text: not JSON at line 2, column 1: "));
}
