// SPDX-License-Identifier: Apache-2.0
//
// A hash that is found on another thread while this one goes on. Bytes are read into its room and stay there until they
// were hashed, so that they can be written meanwhile.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>

#include "trust/bytes.h"
#include "trust/digest.h"

namespace hallmark::store {

/// For one caller: room() and take() in turn, then finish().
class BackgroundHasher {
 public:
  explicit BackgroundHasher(Algorithm algorithm) : hasher_(algorithm) {}
  ~BackgroundHasher();
  BackgroundHasher(const BackgroundHasher&) = delete;
  BackgroundHasher& operator=(const BackgroundHasher&) = delete;

  /// Room for the next piece, to be filled; waits until the piece that was there is hashed.
  std::span<std::uint8_t> room();
  /// The first bytes of the room are the next piece. It may be read, and not changed, until the next call of room().
  ByteView take(std::size_t size);
  /// Of all pieces. No call after it.
  Digest finish();

 private:
  /// One is filled and written, one is hashed, and one is between them.
  static constexpr std::size_t kSlots = 3;
  struct Slot {
    Bytes bytes;
    std::size_t size = 0;
  };

  void end_thread();
  void work();

  std::array<Slot, kSlots> slots_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t taken_ = 0;
  std::uint64_t hashed_ = 0;
  bool is_over_ = false;
  // Touched by one thread at a time: the other one while it runs, the caller's before and after.
  Hasher hasher_;
  std::thread thread_;
};

}  // namespace hallmark::store
