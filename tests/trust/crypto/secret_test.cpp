// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/secret.h"

#include <type_traits>

#include "tests/support/catch.h"

using namespace hallmark;
using crypto::Secret;

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);

TEST_CASE("a secret holds what it was given", "[trust]") {
  const Secret copied(view_of("correct horse"));
  REQUIRE(copied.text() == "correct horse");
  Secret filled(std::size_t{3});
  REQUIRE(hex_of(filled.view()) == "000000");
  filled.space()[1] = 7;
  const Secret moved = std::move(filled);
  REQUIRE(hex_of(moved.view()) == "000700");
  REQUIRE(Secret(std::size_t{0}).empty());
}

TEST_CASE("what a secret takes over is wiped where it was", "[trust]") {
  std::string text = "correct horse battery staple";
  const char* const place = text.data();
  const std::size_t size = text.size();
  const Secret secret = Secret::take(std::move(text));
  REQUIRE(secret.text() == "correct horse battery staple");
  // The string keeps its memory: it was cleared, not given back.
  for (std::size_t i = 0; i < size; ++i) REQUIRE(place[i] == 0);
}

TEST_CASE("bytes are wiped on request", "[trust]") {
  Bytes bytes{1, 2, 3};
  crypto::wipe(bytes);
  REQUIRE(bytes == Bytes{0, 0, 0});
}
