// SPDX-License-Identifier: Apache-2.0
//
// The one limit of the windows that compressed streams ask for, whatever the compression: a limit of all windows of one
// job together. A usual window is had by everybody; of larger ones one is held at a time, and the window of an archive
// counts against those of the layers in it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

namespace hallmark::store {

/// The largest window: what the zstd program takes without being asked, and twice what xz asks for at its best.
constexpr std::uint64_t kMostWindow = std::uint64_t{128} << 20U;
/// RFC 8878, 3.1.1.1.2: every decoder should support this much.
constexpr std::uint64_t kUsualWindow = std::uint64_t{8} << 20U;

class LargeWindows {
 public:
  LargeWindows() = default;
  /// Of the stream around all that share `inside`, as an archive is around its layers. It waits for none of them, since
  /// they wait for its bytes: so its first window is its largest, and what it takes is missing inside.
  explicit LargeWindows(LargeWindows* inside) : inside_(inside) {}
  LargeWindows(const LargeWindows&) = delete;
  LargeWindows& operator=(const LargeWindows&) = delete;

  /// Before a window is made; 0 asks for none. Fault::corrupt when it is larger than may be.
  void check(std::uint64_t window);

  /// Held by a stream with more than a usual window, from before it is made until it is gone.
  void lock() { turn_.lock(); }
  bool try_lock() { return turn_.try_lock(); }
  void unlock() { turn_.unlock(); }

 private:
  LargeWindows* inside_ = nullptr;
  std::optional<std::uint64_t> first_;    // of the stream around the others
  std::atomic<std::uint64_t> around_{0};  // what that stream has taken
  std::mutex turn_;
};

}  // namespace hallmark::store
