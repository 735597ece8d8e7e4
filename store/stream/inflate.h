// SPDX-License-Identifier: Apache-2.0
//
// The plain bytes of a layer while it streams by: gzip with several members, zstd with several frames, or nothing to
// undo. Output is limited, so that a few bytes cannot become a flood, and a stream must end as its format says.
// Memory: about 0.4 MiB for gzip; for zstd the window that the stream asks for, 8 MiB with most writers. Streams that
// ask for more, up to kMostWindow, have their turn one after the other.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "store/image/image.h"
#include "store/stream/large_windows.h"
#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::store {

/// What a layer may inflate to, in bytes. In proportion to what came it may be anything: databases, disk images and
/// logs are zeros for the most part, and zstd makes a twenty thousandth of them.
constexpr std::uint64_t kMostInflatedLayer = std::uint64_t{64} << 30U;
/// What compression may add to the bytes of an archive that came, around its entries, and to all of its layers: it is
/// read before the gate has spoken, and each layer by itself stays below its own limit.
constexpr std::uint64_t kMostExpansion = std::uint64_t{256} << 30U;

/// Zero bytes that may follow a gzip stream: tapes and some builders fill their last block.
constexpr std::uint64_t kMostPadding = (std::uint64_t{64} << 10U) - 1;

/// How much of so many bytes a library gets at once: their counts have 32 bits, and some add to them.
constexpr std::size_t kMostPiece = std::size_t{16} << 20U;
constexpr std::size_t next_piece(std::size_t bytes) { return bytes < kMostPiece ? bytes : kMostPiece; }

/// Whether zstd begins so: a frame, or any of the sixteen kinds that are skipped (RFC 8878 3.1.1 and 3.1.2). Whoever
/// knows fewer of them takes for plain what others skip, and reads another archive than they do.
[[nodiscard]] bool begins_zstd(ByteView head);

/// Thrown (Fault::corrupt) when a stream becomes more than its limit allows.
class DecompressionLimitExceeded : public Error {
 public:
  using Error::Error;
};

/// One stream, once. Checksums, lengths and the end are all verified, as the format has them.
class Inflater {
 public:
  /// Plain bytes go to `out`, no more than `most_bytes`. What the content is must be what was promised. All Inflaters
  /// of one job share `large_windows`; it is held while a zstd frame with a large window passes. Both outlive this.
  Inflater(Compression promised, ByteSink& out, std::uint64_t most_bytes, LargeWindows& large_windows);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// The bytes are not changed; the gzip library wants them writable. Fault::corrupt when they are no such stream or
  /// become too many.
  void push(std::span<std::uint8_t> piece);
  /// As push(), for whoever wants little at once: to some bytes that come out, or to the end of the piece. Returns how
  /// many bytes were used.
  std::size_t push_some(std::span<std::uint8_t> piece);
  /// Whether more comes out of what push_some() has used, without another byte.
  [[nodiscard]] bool has_more() const;
  /// Fault::corrupt when the stream did not come to its end.
  void finish();

  /// Zero bytes that followed the stream.
  [[nodiscard]] std::uint64_t padding() const;

  /// How the bytes are undone: store/stream/inflate.cpp.
  class Engine;

 private:
  void start();

  Compression promised_;
  std::array<std::uint8_t, 4> head_{};  // enough to tell the formats apart
  std::size_t head_size_ = 0;
  bool started_ = false;
  std::unique_ptr<Engine> engine_;
};

}  // namespace hallmark::store
