// SPDX-License-Identifier: Apache-2.0
#include "trust/digest.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("a digest is found and read back", "[trust]") {
  const Digest abc = Digest::of(view_of("abc"));
  REQUIRE(abc.to_string() == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  REQUIRE(Digest::parse(abc.to_string()) == abc);
  REQUIRE(abc.abbreviated() == "ba7816bf8f01");
  REQUIRE(Digest::parse(Digest::of(view_of("abc"), Algorithm::sha512).to_string()).algorithm() == Algorithm::sha512);
}

TEST_CASE("what is no digest is refused", "[trust]") {
  const std::string hex(64, 'a');
  for (const std::string& text :
       {std::string(), hex, "sha256:" + hex.substr(1), "sha256:" + hex + "a", "SHA256:" + hex, "sha512:" + hex,
        "md5:" + hex.substr(32), "sha256:" + std::string(64, 'A'), "sha256:" + std::string(63, 'a') + "/"}) {
    INFO(text);
    REQUIRE_FAULT(Digest::parse(text), Fault::corrupt);
  }
}

TEST_CASE("pieces hash like the whole", "[trust]") {
  Hasher hasher(Algorithm::sha256);
  for (const char* piece : {"a", "", "bc"}) hasher.write(view_of(piece));
  REQUIRE(hasher.size() == 3);
  REQUIRE(std::move(hasher).finish() == Digest::of(view_of("abc")));
}
