// SPDX-License-Identifier: Apache-2.0
//
// One blob on its way to the disk: hashed by the caller or its listener, written in aligned pieces, never longer than
// promised, synced at the end. The pieces are the fastest that were measured; see bench/.
#pragma once

#include <functional>
#include <span>

#include "store/disk/file.h"
#include "trust/bytes.h"

namespace hallmark::store {

/// What is read and written at once.
constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;

class BlobWriter final : public ByteSink {
 public:
  /// Is told each block in order, before it is written; the last one may be shorter.
  using Listener = std::function<void(std::span<std::uint8_t> block)>;

  /// Makes the file, which must not exist. Room on the disk is set aside as bytes come, whatever is promised.
  BlobWriter(const Path& path, std::uint64_t promised_size, Listener listener);
  /// Into a new file; locked, it stays so until this goes.
  BlobWriter(File file, std::uint64_t promised_size, Listener listener);
  /// Behind the `written` bytes that the file has, whole blocks of them or all of the blob. The listener is told of the
  /// others alone.
  BlobWriter(File file, std::uint64_t promised_size, Listener listener, std::uint64_t written);

  /// Fault::corrupt at the first byte more than promised.
  void write(ByteView piece) override;
  /// So many bytes are in the file, where others can read them.
  [[nodiscard]] std::uint64_t written() const { return written_; }
  /// Writes the rest and syncs. Fault::corrupt when bytes are missing.
  void finish();

 private:
  void pass_on();

  File file_;
  std::uint64_t promised_size_;
  Listener listener_;
  std::uint64_t received_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t reserved_ = 0;
  Bytes block_;
};

}  // namespace hallmark::store
