// SPDX-License-Identifier: Apache-2.0
#include "registry/process/bounded_pipe.h"

#include <algorithm>
#include <utility>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{2} << 20U;

}  // namespace

void BoundedPipe::write(ByteView piece) {
  while (!piece.empty()) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < kMostWaiting || !is_read_; });
    if (!is_read_) fail(Fault::local, "the other side takes no more");
    const ByteView now = piece.first(std::min(piece.size(), kMostWaiting - waiting_.size()));
    waiting_.insert(waiting_.end(), now.begin(), now.end());
    piece = piece.subspan(now.size());
    changed_.notify_all();
  }
}

void BoundedPipe::finish() {
  const std::lock_guard lock(mutex_);
  state_ = State::finished;
  changed_.notify_all();
}

void BoundedPipe::give_up() {
  const std::lock_guard lock(mutex_);
  state_ = State::given_up;
  changed_.notify_all();
}

std::size_t BoundedPipe::read(std::span<std::uint8_t> buffer) {
  if (taken_ == reading_.size()) {
    reading_.clear();
    taken_ = 0;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !waiting_.empty() || state_ != State::open; });
    // Also when bytes still wait: the reader must not take a part for the whole.
    if (state_ == State::given_up) fail(Fault::local, "the archive was given up");
    // All at once, so that the one is read without the lock while the other is filled.
    std::swap(reading_, waiting_);
    changed_.notify_all();
  }
  const std::size_t count = std::min(buffer.size(), reading_.size() - taken_);
  std::copy_n(reading_.begin() + static_cast<std::ptrdiff_t>(taken_), count, buffer.begin());
  taken_ += count;
  return count;
}

void BoundedPipe::stop_reading() {
  const std::lock_guard lock(mutex_);
  is_read_ = false;
  changed_.notify_all();
}

}  // namespace hallmark::registry
