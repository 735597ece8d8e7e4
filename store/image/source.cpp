// SPDX-License-Identifier: Apache-2.0
#include "store/image/source.h"

#include <algorithm>

namespace hallmark::store {
namespace {

/// Passes on what comes behind the first bytes.
class Behind final : public ByteSink {
 public:
  Behind(std::uint64_t offset, ByteSink& out) : left_out_(offset), out_(out) {}
  void write(ByteView piece) override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_out_, piece.size()));
    left_out_ -= count;
    if (count < piece.size()) out_.write(piece.subspan(count));
  }

 private:
  std::uint64_t left_out_;
  ByteSink& out_;
};

}  // namespace

void Source::fetch_rest(const Descriptor& blob, std::uint64_t offset, ByteSink& out) {
  Behind behind(offset, out);
  fetch(blob, behind);
}

}  // namespace hallmark::store
