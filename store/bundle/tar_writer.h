// SPDX-License-Identifier: Apache-2.0
//
// A tar of regular files that is the same bytes for the same files: POSIX ustar with every field but name and size
// fixed, and a pax header only where one of these does not fit. No folders, no links, no times, no owners.
#pragma once

#include <cstdint>
#include <string>

#include "trust/bytes.h"

namespace hallmark::store {

class TarWriter final : public ByteSink {
 public:
  /// `out` outlives this.
  explicit TarWriter(ByteSink& out) : out_(out) {}

  /// Begins a file, of which exactly `size` bytes must be written before the next one begins.
  void begin(const std::string& name, std::uint64_t size);
  /// Bytes of the file that was begun.
  void write(ByteView piece) override;
  /// The end mark: without it the tar is told to be cut.
  void finish();

 private:
  void header(const std::string& name, std::uint64_t size, char type);
  void pad();

  ByteSink& out_;
  std::uint64_t left_ = 0;      // of the file that was begun
  std::uint64_t padding_ = 0;   // that follows it
  std::uint64_t extended_ = 0;  // pax headers so far
};

}  // namespace hallmark::store
