// SPDX-License-Identifier: Apache-2.0
#include "store/stream/inflate.h"

#include <algorithm>
#include <array>
#include <future>
#include <mutex>

#include "tests/store/stream/pieces.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

class Collect final : public ByteSink {
 public:
  void write(ByteView piece) override { bytes.insert(bytes.end(), piece.begin(), piece.end()); }
  Bytes bytes;
};

Bytes inflated(Compression promised, Bytes stream, std::size_t piece, std::uint64_t most_bytes = kMostInflatedLayer) {
  Collect out;
  LargeWindows large_windows;
  Inflater inflater(promised, out, most_bytes, large_windows);
  std::span<std::uint8_t> rest(stream);
  while (!rest.empty()) {
    const auto now = rest.first(std::min(piece, rest.size()));
    inflater.push(now);
    rest = rest.subspan(now.size());
  }
  inflater.finish();
  return out.bytes;
}

}  // namespace

TEST_CASE("gzip and zstd inflate to the plain bytes in pieces of any size", "[store]") {
  const Bytes plain = vector_file("plain.bin");
  const auto piece = GENERATE(as<std::size_t>{}, 1, 2, 3, 7, 100, 4096, 65536, 10'000'000);
  CHECK(inflated(Compression::gzip, vector_file("plain.gz"), piece) == plain);
  CHECK(inflated(Compression::gzip, vector_file("named.gz"), piece) == plain);
  CHECK(inflated(Compression::gzip, vector_file("members.gz"), piece) == plain);
  CHECK(inflated(Compression::gzip, gzip_of(plain), piece) == plain);
  CHECK(inflated(Compression::gzip, vector_file("empty.gz"), piece).empty());
  CHECK(inflated(Compression::zstd, vector_file("plain.zst"), piece) == plain);
  CHECK(inflated(Compression::zstd, vector_file("frames.zst"), piece) == plain);
  CHECK(inflated(Compression::none, plain, piece) == plain);
}

namespace {

/// RFC 1952 section 8.
std::uint32_t crc_of(ByteView bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

/// A stream with the ten bytes of a header without fields is given all fields that there are.
Bytes with_all_fields(const Bytes& stream, std::uint16_t bend) {
  Bytes head{0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 6, 0, 'S', 'G', 2, 0, 'x', 'y'};
  for (const std::string_view text : {"a long name of a file", "and a comment"}) {
    head.insert(head.end(), text.begin(), text.end());
    head.push_back(0);
  }
  const auto crc = static_cast<std::uint16_t>(crc_of(head) ^ bend);
  head.push_back(static_cast<std::uint8_t>(crc & 0xffU));
  head.push_back(static_cast<std::uint8_t>(crc >> 8U));
  head.insert(head.end(), stream.begin() + 10, stream.end());
  return head;
}

}  // namespace

TEST_CASE("a gzip header with all of its fields may come in pieces", "[store]") {
  const Bytes plain = vector_file("plain.bin");
  const Bytes stream = vector_file("plain.gz");
  const auto piece = GENERATE(as<std::size_t>{}, 1, 3, 7, 13, 17, 29, 10'000'000);
  CHECK(inflated(Compression::gzip, with_all_fields(stream, 0), piece) == plain);
  CHECK(inflated(Compression::gzip, joined(with_all_fields(stream, 0), with_all_fields(stream, 0)), piece) ==
        joined(plain, plain));
  REQUIRE_FAULT(inflated(Compression::gzip, with_all_fields(stream, 1), piece), Fault::corrupt);
}

TEST_CASE("a gzip header with flags that nobody knows is refused", "[store]") {
  const auto flag = GENERATE(as<std::uint8_t>{}, 0x20, 0x40, 0x80);
  Bytes stream = vector_file("plain.gz");
  stream.at(3) = static_cast<std::uint8_t>(stream.at(3) | flag);
  REQUIRE_FAULT(inflated(Compression::gzip, stream, 4096), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::gzip, joined(vector_file("plain.gz"), stream), 4096), Fault::corrupt);
}

TEST_CASE("an empty gzip member between others is nothing", "[store]") {
  const Bytes three = joined(joined(vector_file("plain.gz"), vector_file("empty.gz")), vector_file("plain.gz"));
  CHECK(inflated(Compression::gzip, three, 1000).size() == 80'000);
}

TEST_CASE("zeros after a gzip stream are padding, below 64 KiB", "[store]") {
  const Bytes stream = vector_file("plain.gz");
  const auto piece = GENERATE(as<std::size_t>{}, 1, 1000, 1'000'000);
  CHECK(inflated(Compression::gzip, joined(stream, Bytes(512)), piece).size() == 40'000);
  CHECK(inflated(Compression::gzip, joined(stream, Bytes((64 << 10) - 1)), piece).size() == 40'000);
  REQUIRE_FAULT(inflated(Compression::gzip, joined(stream, Bytes(64 << 10)), piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::gzip, joined(joined(stream, Bytes(5)), {1}), piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::gzip, joined(joined(stream, Bytes(5)), stream), piece), Fault::corrupt);
}

TEST_CASE("bytes after the stream are refused", "[store]") {
  const auto piece = GENERATE(as<std::size_t>{}, 1, 1000, 1'000'000);
  const Bytes garbage = bytes_of("garbage that follows");
  REQUIRE_FAULT(inflated(Compression::gzip, joined(vector_file("plain.gz"), garbage), piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::gzip, joined(vector_file("plain.gz"), {0x1f}), piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::gzip, joined(vector_file("plain.gz"), {0x1f, 0x8b, 8, 0}), piece),
                Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::zstd, joined(vector_file("plain.zst"), garbage), piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::zstd, joined(vector_file("plain.zst"), Bytes(8)), piece), Fault::corrupt);
  for (const std::uint8_t version : std::array<std::uint8_t, 3>{0x25, 0x26, 0x27}) {
    Bytes old = vector_file("plain.zst");
    old.front() = version;
    CHECK(message_of([&] { inflated(Compression::zstd, joined(vector_file("plain.zst"), old), piece); }) ==
          "after a frame of zstd comes something else");
  }
}

TEST_CASE("a stream that is cut anywhere is refused", "[store]") {
  const Bytes gzip = vector_file("plain.gz");
  const Bytes zstd = vector_file("plain.zst");
  for (const std::size_t by : {1U, 2U, 4U, 5U, 8U, 9U, 100U, 5000U}) {
    REQUIRE_FAULT(inflated(Compression::gzip, cut(gzip, by), 777), Fault::corrupt);
    REQUIRE_FAULT(inflated(Compression::zstd, cut(zstd, by), 777), Fault::corrupt);
  }
  for (std::size_t left = 0; left < 20; ++left) {
    REQUIRE_FAULT(inflated(Compression::gzip, cut(gzip, gzip.size() - left), 3), Fault::corrupt);
    REQUIRE_FAULT(inflated(Compression::zstd, cut(zstd, zstd.size() - left), 3), Fault::corrupt);
  }
}

TEST_CASE("a flipped bit anywhere in a gzip or zstd stream is noticed", "[store]") {
  const Bytes plain = vector_file("plain.bin");
  const Bytes gzip = vector_file("plain.gz");
  for (std::size_t at = 10; at < gzip.size(); at += 97) {  // header fields before carry no bytes of the layer
    Bytes broken = gzip;
    broken[at] ^= 0x10U;
    REQUIRE_FAULT(inflated(Compression::gzip, broken, 4096), Fault::corrupt);
  }
  const Bytes zstd = vector_file("plain.zst");
  for (std::size_t at = 8; at < zstd.size(); at += 97) {
    Bytes broken = zstd;
    broken[at] ^= 0x10U;
    REQUIRE_FAULT(inflated(Compression::zstd, broken, 4096), Fault::corrupt);
  }
}

TEST_CASE("checksum and length of each gzip member are checked", "[store]") {
  const Bytes good = vector_file("plain.gz");
  for (const std::size_t from_end : {1U, 4U, 5U, 8U}) {
    Bytes broken = good;
    broken[broken.size() - from_end] ^= 1U;
    REQUIRE_FAULT(inflated(Compression::gzip, broken, 4096), Fault::corrupt);
    REQUIRE_FAULT(inflated(Compression::gzip, joined(broken, good), 4096), Fault::corrupt);
    REQUIRE_FAULT(inflated(Compression::gzip, joined(good, broken), 4096), Fault::corrupt);
  }
}

TEST_CASE("what the content is must be what the media type promised", "[store]") {
  const Bytes plain = vector_file("plain.bin");
  const Bytes gzip = vector_file("plain.gz");
  const Bytes zstd = vector_file("plain.zst");
  const Bytes skippable{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
  const auto piece = GENERATE(as<std::size_t>{}, 1, 4096);
  REQUIRE_FAULT(inflated(Compression::none, gzip, piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::none, zstd, piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::none, joined(skippable, zstd), piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::none, {0x1f, 0x8b}, piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::gzip, zstd, piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::gzip, plain, piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::zstd, gzip, piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::zstd, plain, piece), Fault::corrupt);
  CHECK(message_of([&] { inflated(Compression::zstd, gzip, piece); }) == "the media type promises zstd, found gzip");
  CHECK(inflated(Compression::zstd, joined(skippable, zstd), piece) == plain);
}

TEST_CASE("output is limited in bytes, whatever it is in proportion", "[store]") {
  const auto name = GENERATE(as<std::string>{}, "zeros.gz", "zeros.zst");
  const Compression promised = name == "zeros.gz" ? Compression::gzip : Compression::zstd;
  const Bytes bomb = vector_file(name);
  constexpr std::uint64_t kPlain = 4U << 20U;
  CHECK(inflated(promised, bomb, 4096).size() == kPlain);
  CHECK(inflated(promised, bomb, 4096, kPlain).size() == kPlain);
  REQUIRE_FAULT(inflated(promised, bomb, 4096, kPlain - 1), Fault::corrupt);
}

TEST_CASE("a plain layer is limited as well", "[store]") {
  CHECK(inflated(Compression::none, Bytes(1000), 100, 1000).size() == 1000);
  REQUIRE_FAULT(inflated(Compression::none, Bytes(1001), 100, 1000), Fault::corrupt);
}

TEST_CASE("a zstd window over 128 MiB is refused", "[store]") {
  CHECK(inflated(Compression::zstd, vector_file("window27.zst"), 4096) == vector_file("plain.bin"));
  REQUIRE_FAULT(inflated(Compression::zstd, vector_file("window28.zst"), 4096), Fault::corrupt);
}

TEST_CASE("skippable zstd frames may stand anywhere and hold anything", "[store]") {
  const Bytes plain = vector_file("plain.bin");
  const Bytes zstd = vector_file("plain.zst");
  const Bytes empty{0x5f, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
  const Bytes full{0x50, 0x2a, 0x4d, 0x18, 6, 0, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff};
  const auto piece = GENERATE(as<std::size_t>{}, 1, 5, 6, 4096);
  CHECK(inflated(Compression::zstd, joined(joined(empty, zstd), empty), piece) == plain);
  CHECK(inflated(Compression::zstd, joined(joined(full, zstd), full), piece) == plain);
  CHECK(inflated(Compression::zstd, joined(joined(zstd, joined(empty, full)), zstd), piece).size() == 80'000);
  REQUIRE_FAULT(inflated(Compression::zstd, joined(zstd, cut(empty, 1)), piece), Fault::corrupt);
  REQUIRE_FAULT(inflated(Compression::zstd, joined(zstd, cut(full, 1)), piece), Fault::corrupt);
}

TEST_CASE("zstd frames with large windows have their turn one after the other", "[store]") {
  Bytes large = vector_file("window27.zst");
  Bytes usual = vector_file("plain.zst");
  Collect first_out;
  Collect second_out;
  LargeWindows large_windows;
  Inflater first(Compression::zstd, first_out, kMostInflatedLayer, large_windows);
  const std::span<std::uint8_t> all(large);
  first.push(all.first(5));
  CHECK(large_windows.try_lock());  // the header does not say yet
  large_windows.unlock();
  first.push(all.subspan(5, 5000));

  Inflater second(Compression::zstd, second_out, kMostInflatedLayer, large_windows);
  second.push(usual);  // does not wait
  second.finish();
  auto waits = std::async(std::launch::async, [&] { return large_windows.try_lock(); });
  CHECK_FALSE(waits.get());
  first.push(all.subspan(5005));
  first.finish();
  CHECK(first_out.bytes == second_out.bytes);
  CHECK(large_windows.try_lock());
  large_windows.unlock();
}

TEST_CASE("a broken stream with a large window does not keep the others waiting", "[store]") {
  Bytes large = vector_file("window27.zst");
  large[3000] ^= 0xffU;
  REQUIRE_FAULT(inflated(Compression::zstd, large, 100), Fault::corrupt);  // its mutex would not be destroyed locked
  Collect out;
  LargeWindows large_windows;
  {
    Inflater inflater(Compression::zstd, out, kMostInflatedLayer, large_windows);
    inflater.push(std::span(large).first(1000));
  }
  CHECK(large_windows.try_lock());
  large_windows.unlock();
}

TEST_CASE("the window of a frame that is one segment is its content", "[store]") {
  // A raw block in a single-segment frame whose content size is written in 1, 2, 4 and 8 bytes.
  const auto frame = [](Bytes header, std::size_t size) {
    Bytes out{0x28, 0xb5, 0x2f, 0xfd};
    out = joined(out, header);
    const std::size_t block = (size << 3U) | 1U;
    for (unsigned i = 0; i < 3; ++i) out.push_back(static_cast<std::uint8_t>(block >> (8 * i)));
    return joined(out, Bytes(size, 'x'));
  };
  const auto piece = GENERATE(as<std::size_t>{}, 1, 1000);
  CHECK(inflated(Compression::zstd, frame({0x20, 5}, 5), piece) == Bytes(5, 'x'));
  CHECK(inflated(Compression::zstd, frame({0x60, 44, 0}, 300), piece) == Bytes(300, 'x'));
  CHECK(inflated(Compression::zstd, frame({0xa0, 44, 1, 0, 0}, 300), piece) == Bytes(300, 'x'));
  CHECK(inflated(Compression::zstd, frame({0xe0, 44, 1, 0, 0, 0, 0, 0, 0}, 300), piece) == Bytes(300, 'x'));
  REQUIRE_FAULT(inflated(Compression::zstd, frame({0xe0, 0, 0, 0, 0, 1, 0, 0, 0}, 300), piece), Fault::corrupt);
}
