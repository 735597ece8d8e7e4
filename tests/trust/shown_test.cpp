// SPDX-License-Identifier: Apache-2.0
#include "trust/shown.h"

#include "tests/support/catch.h"
#include "trust/error.h"

using hallmark::first_character;
using hallmark::is_utf8;
using hallmark::shown_text;

TEST_CASE("letters, pictures and blanks of every script show as themselves", "[trust]") {
  const std::string text = "a~ \xc2\xa0\xc3\xbc\xd7\x90\xe2\x80\xa6\xe6\xbc\xa2\xf0\x9f\x98\x80";
  REQUIRE(shown_text(text, "").size() == text.size());
  REQUIRE(shown_text(text, "") == text);
}

TEST_CASE("what turns, hides or ends a line is written by its bytes", "[trust]") {
  REQUIRE(shown_text("a\xe2\x80\xae"
                     "b",
                     "") ==
          "a\\xe2\\x80\\xae"
          "b");
  for (const char* const unseen :
       {"\xc2\xad",         "\xd8\x80",         "\xd8\x9c",         "\xdb\x9d",         "\xdc\x8f",
        "\xe0\xa2\x90",     "\xe0\xa3\xa2",     "\xe1\xa0\x8e",     "\xe2\x80\x8b",     "\xe2\x80\x8d",
        "\xe2\x80\x8f",     "\xe2\x80\xa8",     "\xe2\x80\xa9",     "\xe2\x80\xaa",     "\xe2\x81\xa0",
        "\xe2\x81\xa6",     "\xe2\x81\xaf",     "\xef\xbb\xbf",     "\xef\xbf\xb9",     "\xf0\x91\x82\xbd",
        "\xf0\x93\x90\xb0", "\xf0\x9b\xb2\xa0", "\xf0\x9d\x85\xb3", "\xf3\xa0\x80\x81", "\xf3\xa0\x81\xbf"}) {
    const hallmark::Character character = first_character(unseen);
    CAPTURE(character.code);
    REQUIRE(character.is_utf8);
    REQUIRE_FALSE(character.is_harmless);
    REQUIRE(shown_text(unseen, "") == hallmark::printable(unseen, 80));
  }
}

TEST_CASE("controls are written by their bytes, but for those that the caller wants", "[trust]") {
  REQUIRE(shown_text("\x1b[2J\r\n\t\x7f\xc2\x9b", "\n\t") == "\\x1b[2J\\x0d\n\t\\x7f\\xc2\\x9b");
}

TEST_CASE("bytes that are no UTF-8 are written one by one, and hide nothing behind them", "[trust]") {
  REQUIRE(shown_text("\x9b"
                     "1m",
                     "") ==
          "\\x9b"
          "1m");
  REQUIRE(shown_text("\xe2\x80", "") == "\\xe2\\x80");
  REQUIRE(shown_text("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xff", "") ==
          hallmark::printable("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xff", 80));
  REQUIRE(shown_text("\xe2\xe2\x80\xae", "") == "\\xe2\\xe2\\x80\\xae");
  REQUIRE_FALSE(is_utf8("a\xe2\x80"));
  REQUIRE(is_utf8("a\xe2\x80\xae"));
}
