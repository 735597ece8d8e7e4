// SPDX-License-Identifier: Apache-2.0
#include "trust/digest.h"

#include <algorithm>

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("a digest is found and read back", "[trust]") {
  const Digest abc = Digest::of(view_of("abc"));
  REQUIRE(abc.to_string() == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  REQUIRE(Digest::parse(abc.to_string()) == abc);
  REQUIRE(abc.abbreviated() == "ba7816bf8f01");
}

TEST_CASE("each algorithm finds what FIPS 180-4 says", "[trust]") {
  const auto abc = [](Algorithm algorithm) { return Digest::of(view_of("abc"), algorithm); };
  REQUIRE(abc(Algorithm::sha384).to_string() ==
          "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  REQUIRE(abc(Algorithm::sha512).to_string() ==
          "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  for (const Algorithm algorithm : {Algorithm::sha256, Algorithm::sha384, Algorithm::sha512}) {
    REQUIRE(Digest::parse(abc(algorithm).to_string()) == abc(algorithm));
    REQUIRE(abc(algorithm).algorithm() == algorithm);
  }
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

TEST_CASE("a million letters, in pieces that end anywhere, are what FIPS 180-4 says", "[trust]") {
  const std::string piece(997, 'a');
  const auto million = [&](Algorithm algorithm) {
    Hasher hasher(algorithm);
    for (std::size_t left = 1'000'000; left > 0;) {
      const std::size_t size = std::min(left, piece.size());
      hasher.write(view_of(std::string_view(piece).substr(0, size)));
      left -= size;
    }
    return std::move(hasher).finish().hex();
  };
  CHECK(million(Algorithm::sha256) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(million(Algorithm::sha384) ==
        "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985");
  CHECK(million(Algorithm::sha512) ==
        "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
        "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
}

TEST_CASE("pieces hash like the whole", "[trust]") {
  for (const Algorithm algorithm : {Algorithm::sha256, Algorithm::sha384, Algorithm::sha512}) {
    Hasher begun(algorithm);
    begun.write(view_of("a"));
    Hasher hasher = std::move(begun);
    for (const char* piece : {"", "bc"}) hasher.write(view_of(piece));
    REQUIRE(hasher.size() == 3);
    REQUIRE(std::move(hasher).finish() == Digest::of(view_of("abc"), algorithm));
  }
}

TEST_CASE("a short text and a long one hash alike, whichever library does it", "[trust]") {
  for (const std::size_t size : {0U, 1U, 55U, 56U, 64U, 4096U, 262'143U, 262'144U, 262'145U}) {
    INFO(size);
    const std::string text(size, 'x');
    for (const Algorithm algorithm : {Algorithm::sha256, Algorithm::sha384, Algorithm::sha512}) {
      Hasher hasher(algorithm);
      hasher.write(view_of(text));
      CHECK(std::move(hasher).finish() == Digest::of(view_of(text), algorithm));
    }
  }
}
