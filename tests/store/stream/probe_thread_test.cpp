// SPDX-License-Identifier: Apache-2.0
#include "store/stream/probe_thread.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "tests/store/stream/pieces.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

/// A layer that is written while somebody looks at it.
struct Growing {
  TemporaryFolder folder;
  Path path = folder.path() / "layer";
  File file = File::create(path);
  LargeWindows large_windows;

  /// Writes it in pieces that fit nothing.
  void write(ByteView bytes, BackgroundProbe& probe) {
    constexpr std::size_t kStep = 300'000;
    for (std::size_t at = 0; at < bytes.size(); at += kStep) {
      const ByteView piece = bytes.subspan(at, std::min(kStep, bytes.size() - at));
      file.write_at(at, piece);
      probe.grew(at + piece.size());
    }
  }
};

/// RFC 8878, 3.1.1.1.2: the window descriptor of 16 MiB.
constexpr std::uint8_t kLargeWindow = 14U << 3U;

/// The beginning of a frame: blocks as they are, and the last one is missing.
Bytes zstd_frame(std::uint8_t window, std::size_t size) {
  constexpr std::uint32_t kBlock = 1U << 16U;
  Bytes frame{0x28, 0xb5, 0x2f, 0xfd, 0, window};
  while (frame.size() < size) {
    constexpr std::uint32_t kHeader = kBlock << 3U;  // not the last, raw
    for (const unsigned shift : {0U, 8U, 16U}) frame.push_back(static_cast<std::uint8_t>(kHeader >> shift));
    frame.resize(frame.size() + kBlock);
  }
  return frame;
}

}  // namespace

TEST_CASE("a layer is looked at while it is written") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMiB - 1, kMiB, kMiB + 1, 5 * kMiB + 3}) {
    Growing growing;
    const Bytes plain = noise(size, 1);
    std::uint64_t told = 0;
    BackgroundProbe probe(growing.path, growing.large_windows, [&](std::uint64_t inflated) { told = inflated; });
    growing.write(plain, probe);
    probe.complete();
    const LayerFacts facts = probe.wait([] {});
    CHECK(facts.diff_id == Digest::of(plain, Algorithm::sha256));
    CHECK(facts.inflated == size);
    CHECK(told == size);
    CHECK_FALSE(facts.trouble);
  }
}

TEST_CASE("room that was set aside for a layer is not taken for it") {
  Growing growing;
  const Bytes plain = noise(2 * kMiB, 2);
  growing.file.reserve(3 * kMiB);
  BackgroundProbe probe(growing.path, growing.large_windows, [](std::uint64_t) {});
  growing.write(plain, probe);
  probe.complete();
  CHECK(probe.wait([] {}).diff_id == Digest::of(plain, Algorithm::sha256));
}

TEST_CASE("a layer that is cut off is told as trouble") {
  Growing growing;
  Bytes packed = gzip_layer(noise(2 * kMiB, 3)).blob;
  packed.resize(packed.size() - 1);
  BackgroundProbe probe(growing.path, growing.large_windows, [](std::uint64_t) {});
  growing.write(packed, probe);
  probe.complete();
  CHECK(std::string(probe.wait([] {}).trouble.value().what()) == "E_COMPRESSION: the gzip stream is cut off");
}

TEST_CASE("what the check throws comes out, whoever asks first") {
  Growing growing;
  const Bytes plain = noise(3 * kMiB, 4);
  BackgroundProbe probe(growing.path, growing.large_windows, [](std::uint64_t inflated) {
    if (inflated > kMiB) throw std::runtime_error("enough");
  });
  growing.write(plain, probe);
  probe.complete();
  CHECK_THROWS_WITH(probe.wait([] {}), "enough");
  CHECK_THROWS_WITH(probe.check_failure(), "enough");
}

TEST_CASE("a file that is shorter than was said is an error of this machine") {
  Growing growing;
  BackgroundProbe probe(growing.path, growing.large_windows, [](std::uint64_t) {});
  probe.grew(2 * kMiB);
  probe.complete();
  CHECK(fault_of([&] { probe.wait([] {}); }) == Fault::local);
}

TEST_CASE("a look that nobody waits for ends all the same") {
  Growing growing;
  {
    const BackgroundProbe at_nothing(growing.path, growing.large_windows, [](std::uint64_t) {});
  }
  BackgroundProbe probe(growing.path, growing.large_windows, [](std::uint64_t) {});
  growing.write(noise(3 * kMiB, 5), probe);
}

TEST_CASE("a wait can be broken off") {
  Growing growing;
  BackgroundProbe probe(growing.path, growing.large_windows, [](std::uint64_t) {});
  growing.large_windows.lock();  // somebody else's turn
  growing.write(zstd_frame(kLargeWindow, kMiB), probe);
  probe.complete();
  CHECK_THROWS_WITH(probe.wait([] { throw std::runtime_error("broken off"); }), "broken off");
  growing.large_windows.unlock();
}

TEST_CASE("looks that wait for each other end when all were told") {
  LargeWindows large_windows;
  Growing first;
  Growing second;
  auto waiting = std::make_unique<BackgroundProbe>(first.path, large_windows, [](std::uint64_t) {});
  auto holding = std::make_unique<BackgroundProbe>(second.path, large_windows, [](std::uint64_t) {});
  // The second one has the turn, and is not at its end; so the first one gets none.
  second.write(zstd_frame(kLargeWindow, 2 * kMiB), *holding);
  while (large_windows.try_lock()) large_windows.unlock();
  first.write(zstd_frame(kLargeWindow, 2 * kMiB), *waiting);
  waiting->complete();
  waiting->stop();
  holding->stop();
  waiting.reset();
  holding.reset();
  CHECK(large_windows.try_lock());
  large_windows.unlock();
}
