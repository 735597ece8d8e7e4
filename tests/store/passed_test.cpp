// SPDX-License-Identifier: Apache-2.0
//
// Bytes of an archive that pass: what is found of one that stopped in the middle.
#include <algorithm>

#include "store/staging.h"
#include "tests/store/images.h"
#include "tests/support/catch.h"

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
  Staging staging(store);
  staging.limit_inflation(kMiB);
  Cut cut(noise(3 * kMiB, 1));
  // Whichever is noticed first; in the end it is the layer.
  CHECK(fault_of([&] { staging.pass(4 * kMiB, Algorithm::sha256, std::ref(cut), [](std::uint64_t) {}); }).has_value());
  CHECK(fault_of([&] { staging.wait_for_looks([] {}); }) == Fault::refused);
}

TEST_CASE("what stopped in the middle is not waited for without end") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store);
  Cut cut(noise(3 * kMiB, 2));
  CHECK(fault_of([&] { staging.pass(4 * kMiB, Algorithm::sha256, std::ref(cut), [](std::uint64_t) {}); }) ==
        Fault::corrupt);
  CHECK_FALSE(fault_of([&] { staging.wait_for_looks([] {}); }));
}
