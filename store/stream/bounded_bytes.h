// SPDX-License-Identifier: Apache-2.0
//
// A sink into memory with a limit that holds while the bytes arrive.
#pragma once

#include <cstdint>

#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::store {

class BoundedBytes final : public ByteSink {
 public:
  /// More than `promised` bytes are Fault::corrupt, before they are kept.
  explicit BoundedBytes(std::uint64_t promised) : promised_(promised) {}

  void write(ByteView piece) override {
    if (piece.size() > promised_ - bytes_.size()) {
      fail(Fault::corrupt, "promised ", promised_, " bytes, got ", bytes_.size() + piece.size(), " or more");
    }
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
  }

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  std::uint64_t promised_;
  Bytes bytes_;
};

}  // namespace hallmark::store
