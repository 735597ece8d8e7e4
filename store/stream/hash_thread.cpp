// SPDX-License-Identifier: Apache-2.0
#include "store/stream/hash_thread.h"

#include <system_error>
#include <utility>

namespace hallmark::store {
namespace {

/// Large enough that waking the other thread costs nothing beside it.
constexpr std::size_t kPieceBytes = std::size_t{512} << 10U;

}  // namespace

BackgroundHasher::~BackgroundHasher() { end_thread(); }

void BackgroundHasher::end_thread() {
  if (!thread_.joinable()) return;
  {
    // Under the lock, or the thread could miss it between its look and its sleep.
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::span<std::uint8_t> BackgroundHasher::room() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return taken_ - hashed_ < kSlots; });
  Slot& slot = slots_[taken_ % kSlots];
  if (slot.bytes.empty()) slot.bytes.resize(kPieceBytes);
  return slot.bytes;
}

ByteView BackgroundHasher::take(std::size_t size) {
  Slot& slot = slots_[taken_ % kSlots];
  // The thread does not look at this slot before `taken_` counts it: no lock is needed to fill it.
  slot.size = size;
  const ByteView piece = ByteView(slot.bytes).first(size);
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    hasher_.write(piece);  // no more threads: here, then
    return piece;
  }
  {
    const std::lock_guard lock(mutex_);
    ++taken_;
  }
  changed_.notify_all();
  return piece;
}

Digest BackgroundHasher::finish() {
  // Joined first: from then on the hasher belongs to this thread alone.
  end_thread();
  return std::move(hasher_).finish();
}

void BackgroundHasher::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return hashed_ < taken_ || is_over_; });
    if (hashed_ == taken_) return;
    const Slot& slot = slots_[hashed_ % kSlots];
    // Without the lock, so that the next slot is filled meanwhile.
    lock.unlock();
    hasher_.write(ByteView(slot.bytes).first(slot.size));
    lock.lock();
    ++hashed_;
    changed_.notify_all();
  }
}

}  // namespace hallmark::store
