// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/canonical.h"

#include "tests/support/catch.h"
#include "trust/digest.h"

using namespace hallmark;

namespace {

std::string canonical(std::string_view text) {
  std::string out;
  tuf::append_canonical(json::parse("text", view_of(text)), out);
  return out;
}

}  // namespace

TEST_CASE("the canonical form has no white space and sorts members by their bytes", "[trust][tuf]") {
  REQUIRE(canonical(R"( { "b" : [ 1 , { } , [ ] ] , "a" : null , "B" : true, "\u00e9":false, "~":0 } )") ==
          "{\"B\":true,\"a\":null,\"b\":[1,{},[]],\"~\":0,\"\xc3\xa9\":false}");
  // UTF-16 order would put the emoji first.
  REQUIRE(canonical(R"({"\uff5e":1,"\ud83d\ude00":2})") == "{\"\xef\xbd\x9e\":1,\"\xf0\x9f\x98\x80\":2}");
}

TEST_CASE("the canonical form escapes only quotes and backslashes", "[trust][tuf]") {
  REQUIRE(canonical(R"("a\"b\\c\/d")") == R"("a\"b\\c/d")");
  REQUIRE(canonical(R"("\"\"")") == R"("\"\"")");
  REQUIRE(canonical(R"("\n\t\u0001\u007f")") == "\"\n\t\x01\x7f\"");
  REQUIRE(canonical(R"("x\u0000y")") == std::string("\"x\0y\"", 5));
  REQUIRE(canonical(R"("\u003c\u003e\u0026\u2028\u00e9\ud83d\ude00")") ==
          "\"<>&\xe2\x80\xa8\xc3\xa9\xf0\x9f\x98\x80\"");
  REQUIRE(canonical(R"({"<\"":""})") == R"({"<\"":""})");
}

TEST_CASE("the canonical form writes numbers as whole decimals", "[trust][tuf]") {
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, std::string>>{{"0", "0"},
                                                        {"-0", "0"},
                                                        {"-0.0", "0"},
                                                        {"7", "7"},
                                                        {"-7", "-7"},
                                                        {"1e3", "1000"},
                                                        {"1.0", "1"},
                                                        {"2.50e1", "25"},
                                                        {"-12e2", "-1200"},
                                                        {"9007199254740992", "9007199254740992"},
                                                        {"-9007199254740992", "-9007199254740992"},
                                                        {"9.007199254740992e15", "9007199254740992"}}) {
    INFO(text);
    REQUIRE(canonical(text) == expected);
  }
}

TEST_CASE("a number without an exact whole value has no canonical form", "[trust][tuf]") {
  for (const char* text :
       {"1.5", "1e-1", "0.1e0", "9007199254740993", "-9007199254740993", "9007199254740994", "1e16", "-1e16", "1e300",
        "18446744073709551615", "18446744073709551616", "123456789012345678901234", "1e-400"}) {
    INFO(text);
    REQUIRE_FAULT(canonical(text), Fault::corrupt);
  }
}

TEST_CASE("the canonical form of a real timestamp has the known hash", "[trust][tuf]") {
  const std::string text =
      R"({"version":2,"_type":"Time\u0073tamp","expires":"2026-12-07T05:23:25.078368026Z","meta":{"snapshot":{)"
      R"("length":683.0,"hashes":{"sha512":"4lg7GXe2g+f8qlqqyfoDU4Y16CW7DHafGmj1gzzYRfRAfqXPYohnGTbrDeQCS17y+UnF0r0F)"
      R"(jDnGKoFAGdtbaQ==","sha256":"ulhyHKBCInVglRz3Cd6mm3U73RWtxLxKielslimS4YU\u003d"}}}})";
  REQUIRE(Digest::of(view_of(canonical(text))).hex() ==
          "aaf7bf309e59c95a37a042a30dc8a2bd2c60d243dff14f0beefc43c6d377f954");
}
