// SPDX-License-Identifier: Apache-2.0
#include "registry/server/server_error.h"

#include "tests/support/catch.h"

using namespace hallmark;
using registry::error_line;
using registry::warnings_of;

TEST_CASE("a registry's errors become one line", "[registry]") {
  CHECK(error_line(404,
                   R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"1"}}]})") ==
        "manifest unknown (MANIFEST_UNKNOWN, HTTP 404)");
  CHECK(error_line(403, R"({"errors":[{"code":"DENIED","message":"no","detail":"ask bob"}]})") ==
        "no (DENIED, HTTP 403): ask bob");
  CHECK(error_line(400, R"({"errors":[{"code":"INVALID_UPDATE","detail":{"Name":"ErrBadRoot"}}]})") ==
        "INVALID_UPDATE (INVALID_UPDATE, HTTP 400): {\"Name\":\"ErrBadRoot\"}");
  CHECK(error_line(401, R"({"errors":[{"message":"a"},{"message":"b"}]})") == "a (HTTP 401); b (HTTP 401)");
}

TEST_CASE("three errors are enough", "[registry]") {
  const std::string line =
      error_line(400, R"({"errors":[{"code":"A"},{"code":"B"},{"code":"C"},{"code":"D"},{"code":"E"}]})");
  CHECK(line.find("C (C, HTTP 400)") != std::string::npos);
  CHECK(line.find("D (D") == std::string::npos);
  CHECK(line.ends_with("; and 2 more"));
}

TEST_CASE("token servers have other words", "[registry]") {
  CHECK(error_line(401, R"({"details":"incorrect username or password"})") ==
        "incorrect username or password (HTTP 401)");
  CHECK(error_line(400, R"({"error":"invalid_grant","error_description":"expired"})") == "expired (HTTP 400)");
}

TEST_CASE("a plain text is shown, markup and binary are not", "[registry]") {
  CHECK(error_line(404, "404 page not found\n") == "404 page not found (HTTP 404)");
  CHECK(error_line(502, "<html><body>bad</body></html>") == "HTTP 502");
  CHECK(error_line(500, std::string("\x00\x01\x02", 3)) == "HTTP 500");
  CHECK(error_line(500, "") == "HTTP 500");
  CHECK(error_line(500, "{\"errors\":") == "{\"errors\": (HTTP 500)");
}

TEST_CASE("errors of odd shapes are survived", "[registry]") {
  const std::string body = GENERATE(as<std::string>{}, "[]", "null", "{}", R"({"errors":null})", R"({"errors":[]})",
                                    R"({"errors":[1,"x",null]})", R"({"errors":{"a":1}})");
  CHECK(error_line(418, body).ends_with("HTTP 418"));
}

TEST_CASE("what a server says cannot reach the terminal raw, nor fill it", "[registry]") {
  const std::string line = error_line(
      400, "{\"errors\":[{\"code\":\"\\u001b[2J\",\"message\":\"" + std::string(100'000, 'x') + "\\u0007\\n\"}]}");
  CHECK(line.size() < 1000);
  for (const char character : line) CHECK((character >= ' ' && character <= '~'));
}

TEST_CASE("warnings of registries are read, others are not", "[registry]") {
  CHECK(warnings_of({"299 - \"This is \\\"old\\\"\""}) == std::vector<std::string>{"This is \"old\""});
  CHECK(warnings_of({"199 - \"x\"", "299 host \"x\"", "299 - x", "299 - \"", "299 - \"\"", "299 - \"a\x1b[2J\""})
            .empty());
}
