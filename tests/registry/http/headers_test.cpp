// SPDX-License-Identifier: Apache-2.0
#include "registry/http/headers.h"

#include "tests/support/catch.h"

using hallmark::registry::Headers;

TEST_CASE("a line of a head is a name and a value", "[registry]") {
  Headers headers;
  CHECK(headers.add_line("Content-Length:  7 \r\n").empty());
  CHECK(headers.add_line("no colon\r\n").empty());
  CHECK(headers.find("content-length") == "7");
}

TEST_CASE("a line that readers take differently is refused", "[registry]") {
  for (const char* const line : {" Content-Length: 7\r\n", "\tLocation: https://evil.example/\r\n", " \r\n", "\t\n"}) {
    Headers headers;
    INFO(line);
    CHECK(headers.add_line(line).find("over several lines") != std::string::npos);
    CHECK_FALSE(headers.find("content-length"));
  }
  CHECK(Headers().add_line("Content-Length : 7\r\n").find("space before its colon") != std::string::npos);
}

TEST_CASE("a token that would begin another header is no word", "[registry]") {
  CHECK(registry::is_header_word("eyJhbGciOi.J9-_~+/="));
  for (const char* const text : {"", "a b", "a\r\nX-Own: 1", "a\t", "\x7f", "caf\xc3\xa9"})
    CHECK_FALSE(registry::is_header_word(text));
}
