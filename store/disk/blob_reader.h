// SPDX-License-Identifier: Apache-2.0
//
// Bytes that can be read again from any place: what is sent may have to be sent once more, or from the middle on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "trust/bytes.h"

namespace hallmark::store {

/// A blob of the store, bytes in memory and a part of either are sent by the same code.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  /// In bytes; it stays the same while this lives.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Fills the buffer with the bytes from `offset` on; returns how many, fewer than asked for only where the blob ends.
  /// Called by one thread at a time. What it throws reaches whoever wanted the bytes sent.
  virtual std::size_t read(std::uint64_t offset, std::span<std::uint8_t> buffer) = 0;

 protected:
  BlobReader() = default;
  BlobReader(const BlobReader&) = default;
  BlobReader& operator=(const BlobReader&) = default;
};

/// Bytes in memory, which must outlive this.
class BytesReader final : public BlobReader {
 public:
  explicit BytesReader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    const auto first = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size()));
    const ByteView part = bytes_.subspan(first, std::min(buffer.size(), bytes_.size() - first));
    std::copy(part.begin(), part.end(), buffer.begin());
    return part.size();
  }

 private:
  ByteView bytes_;
};

/// A part of another one, which must outlive this.
class RangeReader final : public BlobReader {
 public:
  RangeReader(BlobReader& whole, std::uint64_t first, std::uint64_t size) : whole_(whole), first_(first), size_(size) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    // An offset behind the end asks the whole for nothing: a part never shows bytes that are not its own.
    const std::uint64_t left = size_ - std::min(offset, size_);
    return whole_.read(first_ + offset,
                       buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()))));
  }

 private:
  BlobReader& whole_;
  std::uint64_t first_;
  std::uint64_t size_;
};

}  // namespace hallmark::store
