// SPDX-License-Identifier: Apache-2.0
#include "store/stream/hash_thread.h"

#include <algorithm>
#include <numeric>

#include "tests/support/catch.h"

using namespace hallmark;

namespace {

constexpr std::size_t kPiece = std::size_t{512} << 10U;

Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

}  // namespace

TEST_CASE("what is read into the room is hashed") {
  const Bytes bytes = some_bytes(5 * kPiece + 7);
  store::BackgroundHasher hash(Algorithm::sha512);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::span<std::uint8_t> room = hash.room();
    const ByteView piece = ByteView(bytes).subspan(at, std::min(room.size(), bytes.size() - at));
    std::copy(piece.begin(), piece.end(), room.begin());
    CHECK(std::ranges::equal(hash.take(piece.size()), piece));
    at += piece.size();
  }
  CHECK(hash.finish() == Digest::of(bytes, Algorithm::sha512));
}

TEST_CASE("a hash that nobody asks for ends all the same") {
  store::BackgroundHasher hash(Algorithm::sha256);
  for (int i = 0; i < 4; ++i) hash.take(hash.room().size());
}
