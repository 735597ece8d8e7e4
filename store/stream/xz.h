// SPDX-License-Identifier: Apache-2.0
//
// The plain bytes of xz: streams one after the other, each with its check. liblzma is used directly because libarchive
// lets a stream ask for any window.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "store/stream/large_windows.h"
#include "trust/bytes.h"

namespace hallmark::store {

class Xz {
 public:
  /// `windows` outlives this.
  explicit Xz(LargeWindows& windows);
  ~Xz();
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

  /// Fills some of `room` and says how much; what it used of `input` is taken off. `is_all` says that nothing comes
  /// after this input. Fault::corrupt when it is no xz, is cut off, or asks for more than `windows` allow.
  std::size_t inflate(ByteView& input, bool is_all, std::span<std::uint8_t> room);
  /// Everything was inflated, and nothing is left over.
  [[nodiscard]] bool is_at_end() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::store
