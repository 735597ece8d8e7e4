// SPDX-License-Identifier: Apache-2.0
//
// Bytes from one thread that writes to another that reads, a few blocks at a time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <span>

#include "trust/bytes.h"

namespace hallmark::registry {

/// For one writer and one reader. What waits is bounded, so that a slow reader slows the writer and fills no memory.
class BoundedPipe final : public ByteSink {
 public:
  /// Waits while there is too much that nobody has read. Fault::local when nobody will.
  void write(ByteView piece) override;
  /// Nothing comes any more: either all of it was written, or it was given up.
  void finish();
  void give_up();

  /// Waits for bytes; 0 at the end. Fault::local when the writer gave up.
  std::size_t read(std::span<std::uint8_t> buffer);
  /// Nobody reads any more.
  void stop_reading();

 private:
  enum class State { open, finished, given_up };

  std::mutex mutex_;
  std::condition_variable changed_;
  Bytes waiting_;
  Bytes reading_;          // the reader's alone, so that both can work at once
  std::size_t taken_ = 0;  // of these
  State state_ = State::open;
  bool is_read_ = true;
};

}  // namespace hallmark::registry
