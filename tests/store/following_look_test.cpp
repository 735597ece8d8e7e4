// SPDX-License-Identifier: Apache-2.0
#include "store/following_look.h"

#include <algorithm>
#include <stdexcept>

#include "tests/store/images.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

/// A layer that is written while somebody looks at it.
struct Growing {
  TemporaryFolder folder;
  Path path = folder.path() / "layer";
  File file = File::create(path);
  std::mutex large_windows;

  /// Writes it in pieces that fit nothing.
  void write(ByteView bytes, FollowingLook& look) {
    constexpr std::size_t kPiece = 300'000;
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      const ByteView piece = bytes.subspan(at, std::min(kPiece, bytes.size() - at));
      file.write_at(at, piece);
      look.grew(at + piece.size());
    }
  }
};

}  // namespace

TEST_CASE("a layer is looked at while it is written") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMiB - 1, kMiB, kMiB + 1, 5 * kMiB + 3}) {
    Growing growing;
    const Bytes plain = noise(size, 1);
    std::uint64_t told = 0;
    FollowingLook look(growing.path, growing.large_windows, [&](std::uint64_t inflated) { told = inflated; });
    growing.write(plain, look);
    look.complete();
    const LayerFacts facts = look.wait([] {});
    CHECK(facts.diff_id == Digest::of(plain, Algorithm::sha256));
    CHECK(facts.inflated == size);
    CHECK(told == size);
    CHECK(facts.trouble.empty());
  }
}

TEST_CASE("room that was set aside for a layer is not taken for it") {
  Growing growing;
  const Bytes plain = noise(2 * kMiB, 2);
  growing.file.reserve(3 * kMiB);
  FollowingLook look(growing.path, growing.large_windows, [](std::uint64_t) {});
  growing.write(plain, look);
  look.complete();
  CHECK(look.wait([] {}).diff_id == Digest::of(plain, Algorithm::sha256));
}

TEST_CASE("a layer that is cut off is told as trouble") {
  Growing growing;
  Bytes packed = gzip_layer(noise(2 * kMiB, 3)).blob;
  packed.resize(packed.size() - 1);
  FollowingLook look(growing.path, growing.large_windows, [](std::uint64_t) {});
  growing.write(packed, look);
  look.complete();
  CHECK(look.wait([] {}).trouble == "E_COMPRESSION: the gzip stream is cut off");
}

TEST_CASE("what the check throws comes out, whoever asks first") {
  Growing growing;
  const Bytes plain = noise(3 * kMiB, 4);
  FollowingLook look(growing.path, growing.large_windows, [](std::uint64_t inflated) {
    if (inflated > kMiB) throw std::runtime_error("enough");
  });
  const auto write_and_ask = [&] {
    growing.write(plain, look);
    look.complete();
    look.wait([] {});
  };
  CHECK_THROWS_WITH(write_and_ask(), "enough");
  CHECK_THROWS_WITH(look.grew(plain.size()), "enough");
}

TEST_CASE("a file that is shorter than was said is an error of this machine") {
  Growing growing;
  FollowingLook look(growing.path, growing.large_windows, [](std::uint64_t) {});
  look.grew(2 * kMiB);
  look.complete();
  CHECK(fault_of([&] { look.wait([] {}); }) == Fault::local);
}

TEST_CASE("a look that nobody waits for ends all the same") {
  Growing growing;
  {
    const FollowingLook at_nothing(growing.path, growing.large_windows, [](std::uint64_t) {});
  }
  FollowingLook look(growing.path, growing.large_windows, [](std::uint64_t) {});
  growing.write(noise(3 * kMiB, 5), look);
}

TEST_CASE("a wait can be broken off") {
  Growing growing;
  FollowingLook look(growing.path, growing.large_windows, [](std::uint64_t) {});
  CHECK_THROWS_WITH(look.wait([] { throw std::runtime_error("broken off"); }), "broken off");
}
