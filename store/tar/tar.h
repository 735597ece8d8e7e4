// SPDX-License-Identifier: Apache-2.0
//
// A root file system tar on its way into an image: its plain bytes are kept as they are, and only a tar that is whole,
// and that every reader reads in one way, is taken.
// Memory: some blocks, and the window that the sender's compressor asks for: see store/stream/unpack.h.
#pragma once

#include <cstdint>
#include <memory>

#include "store/image/image.h"
#include "store/stream/unpack.h"
#include "trust/bytes.h"

namespace hallmark::store {

/// Reads a tar, plain or as gzip, zstd, xz, bzip2 or lz4, to its end; its plain bytes go to `out`, in equal pieces
/// whatever pieces they came in. Fault::corrupt when store/tar/tar_reader.h refuses it, when it is compressed twice, or
/// has no end mark, since without it a cut between two entries cannot be seen.
void read_tar(const ByteReader& input, ByteSink& out);

/// Compresses what is written to it, the same bytes for the same pieces: one gzip member without name and time, or one
/// zstd frame.
class Compressor final : public ByteSink {
 public:
  /// gzip or zstd. The compressed bytes go to `out`, which outlives this.
  Compressor(Compression kind, ByteSink& out);
  ~Compressor() override;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// The plain bytes in their order.
  void write(ByteView piece) override;
  /// Ends the stream: without it what was written cannot be inflated to an end.
  void finish();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::store
