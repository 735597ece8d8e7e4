// SPDX-License-Identifier: Apache-2.0
//
// The plain bytes of a stream of which nobody has said how it is compressed: gzip, zstd, xz, bzip2, lz4 or not at all,
// told by its first bytes. What begins as both, a compression and a tar, trailing bytes, cut streams and wrong
// checksums are damage, and so is what is compressed twice. Memory: some blocks, and the window that the sender's
// compressor asks for: 8 MiB with most writers, 64 MiB with xz -9, kMostWindow at most.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "store/stream/large_windows.h"
#include "trust/bytes.h"

namespace hallmark::store {

/// Fills some or all of the buffer and says how much; 0 at the end. What it throws ends the work.
using ByteReader = std::function<std::size_t(std::span<std::uint8_t> buffer)>;

class Unpacker {
 public:
  /// Reads the beginning. Windows are taken from `large_windows`, which outlives this.
  Unpacker(ByteReader input, LargeWindows& large_windows);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  /// Empty at the end. The bytes are there until the next call. Fault::corrupt when they cannot be had; std::bad_alloc
  /// when this machine has no memory for them.
  ByteView next();
  /// Bytes that were read so far, as they came.
  [[nodiscard]] std::uint64_t taken() const;

  /// How the bytes are undone: store/stream/unpack.cpp.
  class Engine;

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace hallmark::store
