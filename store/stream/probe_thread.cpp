// SPDX-License-Identifier: Apache-2.0
#include "store/stream/probe_thread.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "store/stream/blob_writer.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// Large enough that waking the other thread costs nothing beside the work.
constexpr std::uint64_t kWorthWaking = std::uint64_t{1} << 20U;

File opened(const Path& path) {
  std::optional<File> file = File::open_regular(path);
  if (!file) fail(Fault::local, printable(path.string(), 300), " has gone from the quarantine");
  return std::move(*file);
}

}  // namespace

BackgroundProbe::BackgroundProbe(const Path& path, LargeWindows& large_windows,
                                 std::function<void(std::uint64_t)> check)
    : file_(opened(path)), large_windows_(large_windows), check_(std::move(check)) {
  try {
    thread_ = std::thread([this] { run([] {}); });
  } catch (const std::system_error&) {
    // No more threads: wait() does it.
  }
}

BackgroundProbe::~BackgroundProbe() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void BackgroundProbe::stop() {
  {
    // Under the lock, or the thread could miss it between its look and its sleep.
    const std::lock_guard hold(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
}

void BackgroundProbe::grew(std::uint64_t size) {
  bool is_worth_it = false;
  {
    const std::lock_guard hold(mutex_);
    is_worth_it = size / kWorthWaking != size_ / kWorthWaking;
    size_ = size;
  }
  if (is_worth_it) changed_.notify_all();
}

void BackgroundProbe::complete() {
  {
    const std::lock_guard hold(mutex_);
    is_complete_ = true;
  }
  changed_.notify_all();
}

void BackgroundProbe::check_failure() {
  const std::lock_guard hold(mutex_);
  if (failure_ != nullptr) std::rethrow_exception(failure_);
}

LayerFacts BackgroundProbe::wait(const std::function<void()>& meanwhile) {
  // Without a thread the work is done here, and calls `meanwhile` itself.
  if (!thread_.joinable() && !is_done_) run(meanwhile);
  std::unique_lock hold(mutex_);
  while (!changed_.wait_for(hold, std::chrono::milliseconds(100), [&] { return is_done_; })) {
    hold.unlock();
    meanwhile();
    hold.lock();
  }
  if (failure_ != nullptr) std::rethrow_exception(failure_);
  return facts_.value();
}

void BackgroundProbe::run(const std::function<void()>& meanwhile) {
  std::exception_ptr failure;
  try {
    look_to_the_end(meanwhile);
  } catch (...) {
    // All that is thrown, std::bad_alloc too: what leaves a thread ends the program.
    failure = std::current_exception();
  }
  const std::lock_guard hold(mutex_);
  failure_ = failure;
  is_done_ = true;
  changed_.notify_all();
}

/// How many bytes the file has: some more than were seen, unless it is complete.
std::uint64_t BackgroundProbe::more_than(std::uint64_t seen) {
  std::unique_lock hold(mutex_);
  changed_.wait(hold, [&] { return is_stopped_ || is_complete_ || size_ - seen >= kWorthWaking; });
  if (is_stopped_) fail(Fault::interrupted, "interrupted");
  return size_;
}

void BackgroundProbe::look_to_the_end(const std::function<void()>& meanwhile) {
  LayerProbe probe(large_windows_);
  std::vector<std::uint8_t> block(kBlockBytes);
  std::uint64_t seen = 0;
  for (std::uint64_t size = more_than(seen); seen < size; size = more_than(seen)) {
    meanwhile();
    // Only as far as a stop is noticed soon.
    const std::uint64_t end = std::min(size, seen + kWorthWaking);
    while (seen < end) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(end - seen, block.size()));
      const std::span<std::uint8_t> piece = std::span(block).first(wanted);
      if (file_.read_at(seen, piece) != wanted) fail(Fault::local, "a layer in the quarantine has become shorter");
      probe.push(piece);
      // After each block, so that a flood ends at the limit and not at its last byte.
      check_(probe.inflated());
      seen += wanted;
    }
  }
  facts_ = std::move(probe).finish();
  check_(facts_->inflated);
}

}  // namespace hallmark::store
