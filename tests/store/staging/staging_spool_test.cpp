// SPDX-License-Identifier: Apache-2.0
//
// Bytes of an archive that pass: what is found of one that stopped in the middle.
#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "store/staging/staging.h"
#include "store/staging/staging_inside.h"
#include "store/stream/inflate.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

/// Gives the bytes in pieces, and then fails as a damaged archive does.
class Cut {
 public:
  explicit Cut(Bytes bytes) : bytes_(std::move(bytes)) {}
  ByteView operator()() {
    constexpr std::size_t kPiece = 50'000;
    if (at_ == bytes_.size()) fail(Fault::corrupt, "cut off");
    const std::size_t count = std::min(kPiece, bytes_.size() - at_);
    at_ += count;
    return ByteView(bytes_).subspan(at_ - count, count);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace

TEST_CASE("a layer that is too large is told before the end that it did not come to") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store.directory());
  staging.limit_inflation(kMiB);
  Cut cut(noise(3 * kMiB, 1));
  // Whichever is noticed first; in the end it is the layer.
  CHECK(fault_of([&] { staging.spool(4 * kMiB, Algorithm::sha256, std::ref(cut), [](std::uint64_t) {}); }).has_value());
  CHECK(fault_of([&] { staging.wait_for_probes([] {}); }) == Fault::refused);
}

TEST_CASE("what stopped in the middle is not waited for without end") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store.directory());
  Cut cut(noise(3 * kMiB, 2));
  CHECK(fault_of([&] { staging.spool(4 * kMiB, Algorithm::sha256, std::ref(cut), [](std::uint64_t) {}); }) ==
        Fault::corrupt);
  CHECK_FALSE(fault_of([&] { staging.wait_for_probes([] {}); }));
}

TEST_CASE("small blobs of an archive have no file and no thread each, however many they are") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store.directory());
  std::vector<SpooledBlob> spooled;
  std::vector<Bytes> sent;
  constexpr std::size_t kBlobs = 80;
  for (std::size_t i = 0; i < kBlobs; ++i) {
    sent.push_back(noise(kMiB / 4, static_cast<std::uint32_t>(i + 1)));
    bool is_given = false;
    const auto pull = [&]() -> ByteView { return std::exchange(is_given, true) ? ByteView() : ByteView(sent.back()); };
    spooled.push_back(staging.spool(sent.back().size(), Algorithm::sha256, pull, [](std::uint64_t) {}));
  }
  std::size_t files = 0;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (item.path().filename().string().starts_with("unnamed-")) ++files;
  }
  CHECK(files == 1);
  for (std::size_t i = 0; i < kBlobs; ++i) {
    CHECK(spooled[i].digest == Digest::of(sent[i]));
    CHECK(staging.bytes_of(spooled[i], kMiB) == sent[i]);
  }
  // And they are taken as layers like all others.
  const Descriptor layer{"application/vnd.oci.image.layer.v1.tar", spooled.back().digest, spooled.back().size, {}, {}};
  staging.accept_layer(layer, layer.digest, spooled.back());
  CHECK(fault_of([&] { staging.accept_layer(layer, spooled.front().digest, spooled.back()); }) == Fault::corrupt);
}

namespace {

/// A few KB of gzip, one member after the other, that become so many MiB.
Bytes small_flood(unsigned seed, std::size_t mebibytes) {
  Bytes flood = gzip_layer(noise(100, seed)).blob;
  const Bytes member = gzip_layer(Bytes(kMiB)).blob;
  for (std::size_t i = 0; i < mebibytes; ++i) flood.insert(flood.end(), member.begin(), member.end());
  return flood;
}

SpooledBlob spooled_as(Staging& staging, const Bytes& bytes) {
  bool is_given = false;
  return staging.spool(
      bytes.size(), Algorithm::sha256, [&] { return std::exchange(is_given, true) ? ByteView() : ByteView(bytes); },
      [](std::uint64_t) {});
}

}  // namespace

TEST_CASE("a layer is inflated once, however often it is listed, and not when it is interrupted") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store.directory());
  const TestLayer layer = gzip_layer(noise(1000, 1));
  const SpooledBlob spooled = spooled_as(staging, layer.blob);
  std::size_t looks = 0;
  staging.look_meanwhile([&] {
    if (++looks == 1) fail(Fault::interrupted, "interrupted");
  });
  CHECK(fault_of([&] { staging.accept_layer_without_descriptor(layer.diff_id, spooled); }) == Fault::interrupted);
  for (int i = 0; i < 100; ++i) staging.accept_layer_without_descriptor(layer.diff_id, spooled);
  CHECK(looks == 2);
}

TEST_CASE("a layer of zeros is a layer, however little of it came") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store.directory());
  const Digest other = Digest::of(bytes_of("other"));
  // What it should be does not matter: it is inflated to see that it is not.
  const auto refusal_of = [&](unsigned seed) {
    const SpooledBlob spooled = spooled_as(staging, small_flood(seed, 80));
    const std::string message = message_of([&] { staging.accept_layer_without_descriptor(other, spooled); });
    return message.substr(0, message.find(':'));
  };
  for (unsigned seed = 0; seed < 8; ++seed) CHECK(refusal_of(seed) == "E_DIFFID");
}

TEST_CASE("the layers of an archive have a limit together for what they inflate to") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  StagingInside inside(folder.path());
  inside.came = 10;
  CHECK_NOTHROW(inside.count_inflation(kMostExpansion - 5));
  CHECK_NOTHROW(inside.count_inflation(15));
  CHECK(message_of([&] { inside.count_inflation(1); }).starts_with("E_RATIO:"));
  inside.came = 12;
  CHECK_NOTHROW(inside.count_inflation(1));
}
