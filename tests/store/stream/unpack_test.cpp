// SPDX-License-Identifier: Apache-2.0
#include "store/stream/unpack.h"

#include <algorithm>

#include "store/stream/inflate.h"
#include "tests/store/stream/pieces.h"
#include "tests/store/tars.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

Bytes unpacked(const Bytes& stream, std::size_t piece, LargeWindows& windows) {
  std::size_t at = 0;
  Unpacker unpacker(
      [&](std::span<std::uint8_t> buffer) {
        const std::size_t count = std::min({piece, buffer.size(), stream.size() - at});
        std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), count, buffer.begin());
        at += count;
        return count;
      },
      windows);
  Bytes plain;
  for (ByteView more = unpacker.next(); !more.empty(); more = unpacker.next()) {
    plain.insert(plain.end(), more.begin(), more.end());
  }
  return plain;
}

Bytes unpacked(const Bytes& stream, std::size_t piece = 65536) {
  LargeWindows windows;
  return unpacked(stream, piece, windows);
}

std::string words_of(const Bytes& stream) {
  try {
    unpacked(stream);
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::corrupt);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a stream gives its plain bytes in pieces of any size, whatever its compression", "[store]") {
  const Bytes plain = vector_file("plain.bin");
  const auto piece = GENERATE(as<std::size_t>{}, 1, 7, 4096, 65536);
  CHECK(unpacked(plain, piece) == plain);
  for (const char* file : {"plain.gz", "members.gz", "plain.zst", "frames.zst", "plain.xz"}) {
    INFO(file);
    CHECK(unpacked(vector_file(file), piece) == plain);
  }
  CHECK(unpacked(joined(vector_file("plain.xz"), vector_file("plain.xz")), piece) == joined(plain, plain));
}

TEST_CASE("an xz stream that is cut, changed or followed by something is refused", "[store]") {
  const Bytes good = vector_file("plain.xz");
  for (std::size_t by = 1; by + 6 < good.size(); by += by < 40 ? 1 : 997) CHECK(words_of(cut(good, by)) != "accepted");
  CHECK(words_of(cut(good, 1)) == "the xz stream is cut off");
  for (std::size_t at = 6; at < good.size(); at += at < 40 ? 1 : 997) {
    Bytes changed = good;
    changed[at] ^= 1U;
    CHECK(words_of(changed) != "accepted");
  }
  CHECK(words_of(joined(good, Bytes{'x'})) != "accepted");
  CHECK(words_of(joined(good, vector_file("plain.gz"))) != "accepted");
}

TEST_CASE("an xz window over 128 MiB is refused, in whichever part of the stream it is asked for", "[store]") {
  CHECK(unpacked(vector_file("window128.xz")) == vector_file("plain.bin"));
  CHECK(words_of(vector_file("window192.xz")) ==
        "it asks for a window of 201326592 bytes, at most 134217728 are allowed");
  CHECK(words_of(vector_file("later192.xz")) ==
        "it asks for a window of 201326592 bytes, at most 134217728 are allowed");
}

TEST_CASE("a zstd window over 128 MiB is refused where nobody said how it is compressed", "[store]") {
  CHECK(unpacked(vector_file("window27.zst")) == vector_file("plain.bin"));
  CHECK(words_of(vector_file("window28.zst")) ==
        "it asks for a window of 268435456 bytes, at most 134217728 are allowed");
}

TEST_CASE("what is compressed twice is refused, whatever the two are", "[store]") {
  for (const char* file : {"plain.gz", "plain.zst", "plain.xz"}) {
    const Bytes inner = vector_file(file);
    CHECK(words_of(gzip_of(inner)) == "it is compressed twice");
    // However few of the bytes come first.
    const auto second = inner.begin() + 1;
    CHECK(words_of(joined(gzip_of({inner.begin(), second}), gzip_of({second, inner.end()}))) ==
          "it is compressed twice");
  }
}

TEST_CASE("what begins with any frame that zstd skips is zstd, and never plain", "[store]") {
  const std::string tar = tar_file("f", "hidden") + kTarEnd;
  for (int kind = 0; kind < 16; ++kind) {
    // Plain to whoever does not know this kind; whoever does skips the first header.
    std::string first = static_cast<char>(0x50 + kind) + std::string("*M\x18") + std::string("\0\2\0\0", 4);
    first.resize(520, 'x');
    CHECK(words_of(bytes_of(first + tar)) != "accepted");
    CHECK(unpacked(joined(bytes_of(first), vector_file("plain.zst"))) == vector_file("plain.bin"));
  }
}

TEST_CASE("what begins as a compression and as a tar is refused, whatever kind of header it is", "[store]") {
  // The first block of a tar, that somebody takes for one who does not know the compression, or looks for a tar first.
  const auto begun = [](const std::string& magic, const std::string& kind) {
    std::string block = tar_file(magic, "").substr(0, 512);
    block.replace(257, kind.size(), kind);
    return signed_header(block);
  };
  const std::string skipped = std::string("\x50*M\x18\xf8\1\0\0", 8);
  const std::string extra = std::string("\x1f\x8b\x08\x04xxxx\2\3\xf4\1", 12);
  const std::string what = "it is compressed, and begins with the header of a tar besides";
  for (const std::string& magic : {skipped, extra, std::string("BZh9"), std::string("\x04\x22\x4d\x18")}) {
    for (const std::string& kind : {kPosixMagic, kGnuMagic, std::string(8, '\0')}) {
      CHECK(words_of(joined(bytes_of(begun(magic, kind)), vector_file("plain.zst"))) == what);
    }
  }
  std::string block = begun(skipped, kPosixMagic);
  std::size_t sum = 0;
  std::size_t high = 0;
  for (std::size_t i = 0; i < 512; ++i) {
    const auto byte = static_cast<unsigned char>(i >= 148 && i < 156 ? ' ' : block[i]);
    sum += byte;
    if (byte >= 0x80) ++high;
  }
  REQUIRE(high > 0);
  const auto with_sum = [&](const std::string& written) {
    block.replace(148, 8, written);
    return words_of(bytes_of(block));
  };
  CHECK(with_sum(octal(sum - 256 * high, 6) + std::string("\0 ", 2)) == what);  // of signed bytes
  CHECK(with_sum("  " + octal(sum, 5) + " ") == what);
  std::string binary(8, '\0');
  binary[0] = '\x80';
  binary[6] = static_cast<char>(sum >> 8U);
  binary[7] = static_cast<char>(sum);
  CHECK(with_sum(binary) == what);
  const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  CHECK(with_sum(std::string("+AAAA") + letters[sum >> 12U] + letters[(sum >> 6U) & 63U] + letters[sum & 63U]) == what);
  CHECK(with_sum(octal(sum + 1, 6) + std::string("\0 ", 2)) != what);
  // A sum of signed bytes may be negative.
  std::string negative = block;
  negative.replace(300, 200, std::string(200, '\x80'));
  block = negative;
  const auto below = static_cast<std::uint64_t>(200 * 128 - (sum - 256 * high));
  CHECK(with_sum("-" + octal(below, 6) + " ") == what);
  std::string minus(8, '\xff');
  const std::uint64_t complement = (std::uint64_t{1} << 24U) - below;
  minus[5] = static_cast<char>(complement >> 16U);
  minus[6] = static_cast<char>(complement >> 8U);
  minus[7] = static_cast<char>(complement);
  CHECK(with_sum(minus) == what);
  block.replace(300, 200, std::string(200, '\0'));
  // Nothing is a sum of 0 to some, who want numbers before it.
  std::string empty = block;
  empty.replace(148, 8, std::string(8, '\0'));
  std::size_t rest = sum - 256 * high;
  for (std::size_t at = 400; rest != 0; ++at) {  // bytes that have a sign bring it down
    const std::size_t step = std::min<std::size_t>(rest, 128);
    empty[at] = static_cast<char>(static_cast<unsigned char>(256 - step));
    rest -= step;
  }
  block = empty;
  CHECK(with_sum(std::string(8, '\0')) == what);
  block[100] = 'x';
  block[101] = static_cast<char>(block[101] - ('x' - '0'));
  CHECK(with_sum(std::string(8, '\0')) != what);
  // A short frame that is skipped is what some compressors begin with.
  const Bytes frame = bytes_of(std::string("\x50*M\x18\4\0\0\0abcd", 12));
  CHECK(unpacked(joined(frame, vector_file("plain.zst"))) == vector_file("plain.bin"));
}

TEST_CASE("a plain tar that begins as bzip2 or lz4 does is not told to be compressed twice", "[store]") {
  const auto name = GENERATE(as<std::string>{}, "BZhello", "\x04\x22\x4d\x18");
  CHECK(words_of(bytes_of(tar_file(name, "x") + kTarEnd)).find("twice") == std::string::npos);
  CHECK(words_of(bytes_of(tar_file(name, "x") + kTarEnd)) != "accepted");
}

TEST_CASE("few bytes of zstd become little at once", "[store]") {
  LargeWindows windows;
  const Bytes zeros = vector_file("zeros.zst");
  std::size_t at = 0;
  Unpacker unpacker(
      [&](std::span<std::uint8_t> buffer) {
        const std::size_t count = std::min(buffer.size(), zeros.size() - at);
        std::copy_n(zeros.begin() + static_cast<std::ptrdiff_t>(at), count, buffer.begin());
        at += count;
        return count;
      },
      windows);
  std::size_t all = 0;
  for (ByteView more = unpacker.next(); !more.empty(); more = unpacker.next()) {
    CHECK(more.size() <= std::size_t{256} << 10U);
    all += more.size();
  }
  CHECK(all == 4 * kMiB);
}

TEST_CASE("windows have a limit together: that of an archive and those of its layers", "[store]") {
  LargeWindows layers;
  LargeWindows archive(&layers);
  layers.check(kMostWindow);  // of a layer alone
  archive.check(64 * kMiB);
  layers.check(64 * kMiB);
  REQUIRE_FAULT(layers.check(64 * kMiB + 1), Fault::corrupt);
  layers.check(kUsualWindow);
  // It cannot wait for the layers, which wait for it: so it says at once what it wants.
  archive.check(64 * kMiB);
  REQUIRE_FAULT(archive.check(64 * kMiB + 1), Fault::corrupt);
}

TEST_CASE("an archive with a usual window leaves all of the limit to its layers", "[store]") {
  LargeWindows layers;
  LargeWindows archive(&layers);
  archive.check(0);  // a frame without content
  archive.check(kMiB);
  archive.check(kUsualWindow);
  layers.check(kMostWindow);
  REQUIRE_FAULT(archive.check(kUsualWindow + 1), Fault::corrupt);
}

TEST_CASE("an archive that begins with a small window does not come to a large one", "[store]") {
  LargeWindows layers;
  LargeWindows archive(&layers);
  CHECK_FALSE(fault_of([&] { unpacked(vector_file("plain.xz"), 65536, archive); }));
  Bytes later = joined(vector_file("plain.xz"), vector_file("window128.xz"));
  CHECK(unpacked(later).size() == 80'000);
  LargeWindows around(&layers);
  CHECK(fault_of([&] { unpacked(later, 65536, around); }) == Fault::corrupt);
}

TEST_CASE("the window of a stream inside counts against what the archive around it has left", "[store]") {
  LargeWindows layers;
  LargeWindows archive(&layers);
  CHECK(unpacked(vector_file("window27.zst"), 65536, archive) == vector_file("plain.bin"));
  REQUIRE_FAULT(unpacked(vector_file("window128.xz"), 65536, layers), Fault::corrupt);
  CHECK(unpacked(vector_file("plain.xz"), 65536, layers) == vector_file("plain.bin"));
}

TEST_CASE("a library gets pieces whose count has room in 32 bits, whatever is handed over", "[store]") {
  constexpr std::uint64_t k4GiB = std::uint64_t{1} << 32U;
  for (const std::uint64_t bytes : {k4GiB - 1, k4GiB, k4GiB + 1, 3 * k4GiB + 5, std::uint64_t{kMostPiece}}) {
    CHECK(next_piece(bytes) == kMostPiece);
  }
  CHECK(next_piece(kMostPiece - 1) == kMostPiece - 1);
  CHECK(next_piece(0) == 0);
  // Far from where adding to the count could go round.
  STATIC_REQUIRE(kMostPiece < k4GiB / 2);
}

TEST_CASE("a gzip stream that is handed over at once inflates piece by piece", "[store]") {
  const Bytes plain = noise(2 * kMostPiece + 12'345, 7);
  Bytes packed = gzip_of(plain);
  REQUIRE(packed.size() > 2 * kMostPiece);
  LargeWindows windows;
  Hasher hasher(Algorithm::sha256);
  Inflater inflater(Compression::gzip, hasher, kMostInflatedLayer, windows);
  inflater.push(packed);
  inflater.finish();
  CHECK(hasher.size() == plain.size());
  CHECK(std::move(hasher).finish() == Digest::of(plain));
}
