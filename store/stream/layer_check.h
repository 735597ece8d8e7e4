// SPDX-License-Identifier: Apache-2.0
//
// What a layer turns out to be while its bytes pass once: its digest and size, and the digest of what it inflates to.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>

#include "store/disk/file.h"
#include "store/image/image.h"
#include "store/stream/inflate.h"
#include "trust/digest.h"

namespace hallmark::store {

/// For one layer, once. Pulls, Store::check() and each new use of a blob of the store have it in common.
class LayerCheck {
 public:
  /// `layer` says the media type and the algorithm of the digest, `diff_id` that of the inner one. `large_windows` as
  /// Inflater has it.
  LayerCheck(const Descriptor& layer, const Digest& diff_id, LargeWindows& large_windows);

  /// A stream that cannot be inflated is not told before the end: a damaged blob is first of all not the one that was
  /// promised.
  void push(std::span<std::uint8_t> piece);

  /// To how many bytes it has inflated so far.
  [[nodiscard]] std::uint64_t inflated() const { return inner_.size(); }

  /// Fault::corrupt when digest or size are not those of `layer`, when the stream is not what its type promises, or
  /// when it does not inflate to `diff_id`. Returns the bytes it inflated to.
  std::uint64_t finish(const Descriptor& layer, const Digest& diff_id) &&;

 private:
  void inflate(const std::function<void()>& step);

  Hasher outer_;
  Hasher inner_;
  std::optional<Inflater> inflater_;  // absent after trouble
  std::exception_ptr trouble_;
};

/// Reads the file to its end, block by block.
void read_blocks(File& file, const std::function<void(std::span<std::uint8_t>)>& listener);

}  // namespace hallmark::store
