// SPDX-License-Identifier: Apache-2.0
//
// Images made here: the tar's own bytes, the same bytes each time, and nothing of what is no whole tar.
#include "store/staging/make_image.h"

#include <algorithm>

#include "store/tar/tar_reader.h"
#include "tests/store/tars.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

/// An entry of a tar: POSIX pax, "ustar Interchange Format".
Bytes entry(const std::string& name, const Bytes& content) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  const auto octal = [](std::uint64_t number, std::size_t digits) {
    std::string text(digits, '0');
    for (std::size_t i = digits; i-- > 0; number /= 8) text[i] = static_cast<char>('0' + number % 8);
    return text;
  };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(content.size(), 11));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, std::string("ustar\0", 6) + "00");
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  Bytes bytes = bytes_of(header);
  bytes.insert(bytes.end(), content.begin(), content.end());
  bytes.resize((bytes.size() + 511) / 512 * 512);
  return bytes;
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Bytes kEnd(1024, 0);

Bytes sample() { return joined({entry("a", noise(100'000, 1)), entry("b", Bytes(2048, 0)), kEnd}); }

/// Gives the bytes in pieces of at most this many.
ByteReader reader_of(const Bytes& bytes, std::size_t piece, std::size_t& at) {
  return [&bytes, piece, &at](std::span<std::uint8_t> buffer) {
    const std::size_t count = std::min({piece, buffer.size(), bytes.size() - at});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), count, buffer.begin());
    at += count;
    return count;
  };
}

class Kept final : public ByteSink {
 public:
  void write(ByteView piece) override { bytes.insert(bytes.end(), piece.begin(), piece.end()); }
  Bytes bytes;
};

Bytes plain_of(const Bytes& input, std::size_t piece = 5000) {
  Kept kept;
  std::size_t at = 0;
  read_tar(reader_of(input, piece, at), kept);
  return kept.bytes;
}

const ImagePlan kPlan{{"linux", "arm64", ""}, Time(std::chrono::seconds(1'700'000'000)), "made", {}};

MadeImage made_in(Staging& staging, const Bytes& tar, std::size_t piece) {
  std::size_t at = 0;
  return make_image(reader_of(tar, piece, at), kPlan, staging);
}

}  // namespace

TEST_CASE("a tar is kept byte for byte, plain or compressed, in whatever pieces it comes", "[store]") {
  const Bytes tar = sample();
  REQUIRE(plain_of(tar) == tar);
  REQUIRE(plain_of(tar, 1) == tar);
  REQUIRE(plain_of(gzip_of(tar)) == tar);
  REQUIRE(plain_of(kEnd) == kEnd);
  const Bytes filled = joined({tar, Bytes(9000, 0)});
  REQUIRE(plain_of(filled) == filled);
}

TEST_CASE("a tar that is cut off is refused wherever the cut is", "[store]") {
  const Bytes tar = sample();
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{511}, std::size_t{512}, std::size_t{50'000},
                           tar.size() - 1024 - 2048 - 512, tar.size() - 1024 - 2048, tar.size() - 1025,
                           tar.size() - 1024, tar.size() - 513}) {
    INFO(size << " of " << tar.size());
    const Bytes cut(tar.begin(), tar.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE_FAULT(plain_of(cut), Fault::corrupt);
  }
  Bytes packed = gzip_of(tar);
  packed.resize(packed.size() - 1);
  REQUIRE_FAULT(plain_of(packed), Fault::corrupt);
}

TEST_CASE("what is no tar, or more than one, is refused", "[store]") {
  REQUIRE_FAULT(plain_of(noise(10'000, 4)), Fault::corrupt);
  REQUIRE_FAULT(plain_of(gzip_of(noise(10'000, 4))), Fault::corrupt);
  REQUIRE_FAULT(plain_of(gzip_of(gzip_of(sample()))), Fault::corrupt);
  REQUIRE_FAULT(plain_of(joined({sample(), sample()})), Fault::corrupt);
  REQUIRE_FAULT(plain_of(joined({sample(), {1}})), Fault::corrupt);
  Bytes damaged = sample();
  damaged[joined({entry("a", noise(100'000, 1))}).size() + 3] ^= 1;  // in the second header
  REQUIRE_FAULT(plain_of(damaged), Fault::corrupt);
}

TEST_CASE("what a root file system has is taken with all kinds of headers", "[store]") {
  const std::string file = tar_file("etc/hosts", "h");
  const std::string link = tar_entry("etc/l", '2', "", "hosts");
  for (const std::string& tar :
       {tar_entry("dev/null", '3', ""), tar_entry("dev/loop0", '4', ""), tar_entry("run/pipe", '6', ""),
        tar_entry("etc/", '5', "") + file + tar_entry("etc/again", '1', "", "etc/hosts"),
        gnu_name("a long one") + gnu_target("hosts") + link,
        tar_entry("x", 'x', pax_record("linkpath", "F\u0151")) + link,
        tar_entry("x", 'x', pax_record("SCHILY.xattr.security.capability", std::string("\1\0\n", 3))) + file,
        tar_entry("x", 'x', pax_record("SCHILY.acl.access", "user::rw-\ngroup::r--")) + file}) {
    INFO(printable(tar, 600));
    const Bytes bytes = bytes_of(tar + kTarEnd);
    CHECK(plain_of(bytes) == bytes);
  }
}

TEST_CASE("a root file system that two readers would read in two ways is refused", "[store]") {
  const auto refusal = [](const std::string& tar) {
    return message_of([&] { static_cast<void>(plain_of(bytes_of(tar + kTarEnd))); }).substr(0, 16);
  };
  const auto with = [](std::size_t at, const std::string& bytes) {
    std::string tar = tar_file("f", "good");
    tar.replace(at, bytes.size(), bytes);
    return signed_header(tar.substr(0, 512)) + tar.substr(512);
  };
  const std::string file = tar_file("f", "good");
  for (const std::string& tar :
       {with(257, std::string("ustar\0  ", 8)), with(508, "tar"), with(345, std::string("a\0b", 3)),
        with(124, "-0000000004"), with(136, "9"), with(157, "target"), tar_entry("d/", '5', "bytes"),
        tar_entry("l", '2', "bytes", "f"), tar_entry("h", '1', "bytes", "f"), tar_file("f/", "x"),
        pax_path("a") + pax_path("b") + file, tar_entry("x", 'x', pax_record("size", "3")) + file,
        tar_entry("x", 'x', pax_record("size", "4") + "9 path=b") + file,
        tar_entry("x", 'g', pax_record("path", "b")) + file,
        tar_entry("x", 'x', pax_record("VENDOR.key", "1")) + file}) {
    INFO(printable(tar, 600));
    CHECK(refusal(tar) == "E_ARCHIVE_HEADER");
  }
  for (const std::string& tar :
       {tar_entry("l", '2', ""), tar_entry("h", '1', ""), tar_file(".", "x"), tar_file("./", ""), tar_file("..", "x"),
        tar_entry("./", '2', "", "f"), tar_file("c\nd", "x")}) {
    INFO(printable(tar, 600));
    CHECK(refusal(tar) == "E_ARCHIVE_HEADER");
  }
  CHECK(refusal(tar_entry("./", '5', "") + tar_file("\xe9", "x")).empty());
  CHECK(refusal(tar_entry("s", 'S', "")).starts_with("E_ENTRY_TYPE:"));
  CHECK(refusal(tar_entry("x", 'x', pax_record("GNU.sparse.size", "1")) + file).starts_with("E_ENTRY_TYPE:"));
  CHECK(refusal(file + std::string(512, '\0') + file) == "E_ARCHIVE_HEADER");
}

TEST_CASE("zeros after a tar are limited", "[store]") {
  REQUIRE(plain_of(joined({sample(), Bytes(kMostTarPadding - 1024, 0)})).size() > kMostTarPadding);
  REQUIRE_FAULT(plain_of(joined({sample(), Bytes(kMostTarPadding - 1023, 0)})), Fault::corrupt);
}

TEST_CASE("what the reader throws is what comes out", "[store]") {
  Kept kept;
  const ByteReader failing = [](std::span<std::uint8_t>) -> std::size_t { fail(Fault::interrupted, "enough"); };
  REQUIRE_FAULT(read_tar(failing, kept), Fault::interrupted);
}

TEST_CASE("a made image is whole, and the same whatever pieces its tar came in", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const Bytes tar = sample();
  std::optional<Digest> first;
  for (const std::size_t piece : {std::size_t{1} << 20U, std::size_t{777}}) {
    Staging staging(store.directory());
    const MadeImage image = made_in(staging, tar, piece);
    const Staged staged = staging.seal(image.root, {image.root});
    REQUIRE(staged.uncompressed_size() == tar.size());
    if (first) REQUIRE(*first == image.root.digest);
    first = image.root.digest;
    const auto name = Reference::parse("localhost/made:1");
    store.commit(staged, approve(Subject{name, image.root.digest, image.root.size, {image.root.digest}}), store.lock());
    const Config config = parse_config(store.read(parse_manifest(store.read(image.root)).config).bytes);
    REQUIRE(config.diff_ids == std::vector{Digest::of(tar)});
    REQUIRE(config.platform == kPlan.platform);
    REQUIRE(config.created == kPlan.created);
    REQUIRE(parse_manifest(store.read(image.root)).config.digest == image.id);
  }
  REQUIRE(has_no_residue(folder.path()));
  REQUIRE(store.check([](const Descriptor&) {}, [] {}).empty());
}

TEST_CASE("a tar that is refused leaves nothing in the store", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "localhost/old:1", simple_image(1));
  const auto before = visible(folder.path());
  {
    Staging staging(store.directory());
    REQUIRE_FAULT(made_in(staging, noise(200'000, 3), 5000), Fault::corrupt);
  }
  REQUIRE(visible(folder.path()) == before);
  REQUIRE(has_no_residue(folder.path()));
}
