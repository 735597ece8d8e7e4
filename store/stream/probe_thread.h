// SPDX-License-Identifier: Apache-2.0
//
// What a layer would be, found by a thread of its own that follows the file while it is written: inflating takes longer
// than reading and writing do, and several layers can be inflated at once. Where no thread is to be had, the one that
// waits does the work.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "store/disk/file.h"
#include "store/stream/layer_probe.h"

namespace hallmark::store {

class BackgroundProbe {
 public:
  /// The file is there, perhaps empty. `check` is told by the other thread what the bytes inflated to so far; what it
  /// throws ends the probe. `large_windows` as Inflater has it.
  BackgroundProbe(const Path& path, LargeWindows& large_windows, std::function<void(std::uint64_t)> check);
  /// Ends the probe where it is.
  ~BackgroundProbe();
  BackgroundProbe(const BackgroundProbe&) = delete;
  BackgroundProbe& operator=(const BackgroundProbe&) = delete;

  /// The file has so many bytes by now.
  void grew(std::uint64_t size);
  /// It gets no more.
  void complete();
  /// Throws what ended the probe, if anything did so far.
  void check_failure();
  /// Waits for the end of the probe, and throws what ended it early. `meanwhile` is called every tenth of a second;
  /// what it throws ends the wait. complete() was called before.
  LayerFacts wait(const std::function<void()>& meanwhile);
  /// The probe ends where it is, soon; the destructor waits for that. Those that share `large_windows` are all told
  /// before one of them goes: it may have to wait for another.
  void stop();

 private:
  void run(const std::function<void()>& meanwhile);
  std::uint64_t more_than(std::uint64_t seen);
  void look_to_the_end(const std::function<void()>& meanwhile);

  File file_;
  LargeWindows& large_windows_;
  std::function<void(std::uint64_t)> check_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded:
  std::uint64_t size_ = 0;
  bool is_complete_ = false;
  bool is_stopped_ = false;
  bool is_done_ = false;
  std::exception_ptr failure_;

  std::optional<LayerFacts> facts_;
  std::thread thread_;
};

}  // namespace hallmark::store
