// SPDX-License-Identifier: Apache-2.0
#include "trust/bytes.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("base64 goes out and comes back", "[trust]") {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    REQUIRE(string_of(parse_base64(base64_of(view_of(text)))) == text);
  }
  REQUIRE(base64_of(view_of("foob")) == "Zm9vYg==");
  REQUIRE(string_of(parse_base64("Zm9v\r\nYg==\n")) == "foob");
}

TEST_CASE("base64 that is not canonical is refused", "[trust]") {
  for (const char* text : {"Zm9vYg", "Zm9vYg=", "Zm9vYg===", "Zm9v Yg=", "Zm9vYh==", "=m9v", "Zg==Zg==", "Zm9-",
                           "Zm9=", "====", "Z===", "Zm9vYg==\t"}) {
    INFO(text);
    REQUIRE_FAULT(parse_base64(text), Fault::corrupt);
  }
}

TEST_CASE("hex is lower case and even", "[trust]") {
  REQUIRE(hex_of(parse_hex("00ff10")) == "00ff10");
  REQUIRE_FAULT(parse_hex("0"), Fault::corrupt);
  REQUIRE_FAULT(parse_hex("FF"), Fault::corrupt);
  REQUIRE_FAULT(parse_hex("0g"), Fault::corrupt);
}

TEST_CASE("text from outside cannot move the cursor", "[trust]") {
  REQUIRE(printable("a\x1b[2Jb\xff", 80) == "a\\x1b[2Jb\\xff");
  REQUIRE(printable("abcdef", 3) == "abc...");
}
