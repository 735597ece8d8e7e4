// SPDX-License-Identifier: Apache-2.0
#include "policy/pattern.h"

#include "tests/policy/policies.h"
#include "tests/support/catch.h"

using namespace hallmark;
using policy::Pattern;

namespace {

bool fits(const std::string& pattern, const std::string& value) { return Pattern::parse(pattern).matches(value); }

}  // namespace

TEST_CASE("a pattern is held against the whole value", "[policy]") {
  CHECK(fits("^abc$", "abc"));
  CHECK_FALSE(fits("^abc$", "abcd"));
  CHECK_FALSE(fits("^abc$", "xabc"));
  CHECK_FALSE(fits("^abc$", "abc\n"));
  CHECK(fits("^$", ""));
  CHECK_FALSE(fits("^$", "a"));
}

TEST_CASE("what patterns can say", "[policy]") {
  CHECK(fits("^v[0-9]+\\.[0-9]+\\.[0-9]+$", "v1.20.3"));
  CHECK_FALSE(fits("^v[0-9]+\\.[0-9]+\\.[0-9]+$", "v1x20x3"));
  CHECK(fits("^https://github\\.com/acme/.*$", "https://github.com/acme/x"));
  CHECK_FALSE(fits("^https://github\\.com/acme/.*$", "https://githubxcom/acme/x"));
  CHECK(fits("^(a|b|cd)*$", "abcdcd"));
  CHECK_FALSE(fits("^(a|b|cd)*$", "abcdc"));
  CHECK(fits("^(?:a|)b$", "b"));
  CHECK(fits("^a{2,3}$", "aaa"));
  CHECK_FALSE(fits("^a{2,3}$", "a"));
  CHECK_FALSE(fits("^a{2,3}$", "aaaa"));
  CHECK(fits("^a{2}b{1,}$", "aabbb"));
  CHECK(fits("^[^a-c]$", "d"));
  CHECK_FALSE(fits("^[^a-c]$", "b"));
  CHECK(fits("^[a\\]-]+$", "]-a"));
  CHECK(fits("^\\d\\w\\s$", "1_\t"));
  CHECK(fits("^a.?$", "a\xc3\xa4"));
  CHECK_FALSE(fits("^a$", "\xff"));
  // What spells a character in more bytes than it needs, or spells none, is not that character.
  CHECK_FALSE(fits("^/$", "\xe0\x80\xaf"));
  CHECK_FALSE(fits("^0$", "\xf0\x80\x80\xb0"));
  CHECK_FALSE(fits("^[\xc3\xa4-\xf4\x8f\xbf\xbf]$", "\xed\xa0\x80"));
  CHECK(fits("^a.b$", "a\nb"));
  CHECK(fits("^a.b$",
             "a\xff"
             "b"));
  CHECK(fits("^[\xc3\xa4-\xc3\xb6]$", "\xc3\xa5"));
  CHECK(fits("^\\$\\^$", "$^"));
  CHECK(fits("^(a*)*$", "aaa"));
  CHECK(fits("^[\\d][a-c]$", "1b"));
  CHECK(fits("^[\\da-c]$", "b"));
  CHECK(fits("^a+?$", "aa"));
}

TEST_CASE("a pattern that would mean something else elsewhere, or nothing, is refused", "[policy]") {
  const std::string text =
      GENERATE(as<std::string>{}, "", "^", "$", "abc", "^abc", "abc$", "^a|b$", "^a$b$", "^a^b$", "^(a$", "^a)$",
               "^[a$", "^[]$", "^*$", "^a**$", "^a{2$", "^a{3,2}$", "^a{1001}$", "^a{x}$", "^(?i)a$", "^(?=a)$",
               "^\\b$", "^\\1$", "^a\\$", "^[b-a]$", "^[\\d-z]$", "^[a-\\d]$", "^[a-", "^[a-\\", "^[\\", "^a{", "^(",
               "^[[:alpha:]]$", "^\\pL$", "^(((a{1000}){1000}){1000})$", "^((((){1000}){1000}){1000})$");
  INFO(text);
  REQUIRE_FAULT(Pattern::parse(text), Fault::usage);
}

TEST_CASE("no pattern takes time that grows faster than the value", "[policy]") {
  const std::string value(20'000, 'a');
  CHECK_FALSE(fits("^(a*)*(a|a)*(a*a*)*b$", value));
  CHECK(fits("^(a|aa)+$", value));
}

TEST_CASE("groups nest up to a limit", "[policy]") {
  const auto nested = [](std::size_t depth) {
    return "^" + std::string(depth, '(') + "a" + std::string(depth, ')') + "$";
  };
  CHECK(fits(nested(30), "a"));
  REQUIRE_FAULT(Pattern::parse(nested(31)), Fault::usage);
  REQUIRE_FAULT(Pattern::parse(nested(100'000)), Fault::usage);
}
