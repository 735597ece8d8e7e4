// SPDX-License-Identifier: Apache-2.0
//
// What a layer would be that these bytes are, found while they pass: for blobs of which nobody has said yet what they
// are.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>

#include "store/stream/inflate.h"
#include "trust/digest.h"
#include "trust/error.h"

namespace hallmark::store {

enum class Packing { none, gzip, zstd, other };  // other: bzip2, xz

/// By its first bytes.
Packing packing_of(ByteView head);

struct LayerFacts {
  Packing packing;
  std::optional<Digest> diff_id;  ///< sha256 of the plain bytes; absent after trouble, and for `other`
  std::uint64_t inflated;
  std::uint64_t padding;         ///< zeros after the stream
  std::optional<Error> trouble;  ///< why it cannot be inflated
};

/// For blobs whose media type nobody has said: how they are compressed is found and not promised.
class LayerProbe {
 public:
  /// `large_windows` as Inflater has it.
  explicit LayerProbe(LargeWindows& large_windows) : large_windows_(large_windows), inner_(Algorithm::sha256) {}

  /// The first piece has the first six bytes, or all there are.
  void push(std::span<std::uint8_t> piece);
  [[nodiscard]] std::uint64_t inflated() const { return inner_.size(); }
  /// No call after it. Trouble is told and not thrown: the blob may be no layer at all.
  LayerFacts finish() &&;

 private:
  template <class Work>
  void inflate(Work&& work);

  LargeWindows& large_windows_;
  std::optional<Packing> packing_;
  Hasher inner_;
  std::optional<Inflater> inflater_;
  std::optional<Error> trouble_;
};

}  // namespace hallmark::store
