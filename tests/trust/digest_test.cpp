// SPDX-License-Identifier: Apache-2.0
#include "trust/digest.h"

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
