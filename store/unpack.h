// SPDX-License-Identifier: Apache-2.0
//
// The plain bytes of a stream of which nobody has said how it is compressed: gzip, zstd, xz, bzip2, lz4 or not at all,
// told by its first bytes. Trailing bytes, cut streams and wrong checksums are damage.
// Memory: some blocks, and what the sender's compressor asks for: 8 MiB with most writers, 64 MiB with xz -9.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "trust/bytes.h"

namespace hallmark::store {

/// Fills some or all of the buffer and says how much; 0 at the end. What it throws ends the work.
using ByteReader = std::function<std::size_t(std::span<std::uint8_t> buffer)>;

class Unpacker {
 public:
  /// Reads the beginning.
  explicit Unpacker(ByteReader input);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  /// Empty at the end. The bytes are there until the next call. Fault::corrupt when they cannot be had.
  ByteView next();
  [[nodiscard]] bool is_compressed() const;
  /// Bytes that were read so far, as they came.
  [[nodiscard]] std::uint64_t taken() const;

  class Engine;

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace hallmark::store
