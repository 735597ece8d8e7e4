// SPDX-License-Identifier: Apache-2.0
#include "store/hash_beside.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace hallmark::store {
namespace {

/// Large enough that waking the other thread costs nothing beside it.
constexpr std::size_t kPieceBytes = std::size_t{512} << 10U;

}  // namespace

HashBeside::~HashBeside() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

/// The next one, when it is hashed.
HashBeside::Slot& HashBeside::free_slot() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return taken_ - hashed_ < kSlots; });
  Slot& slot = slots_[taken_ % kSlots];
  if (slot.bytes.empty()) slot.bytes.resize(kPieceBytes);
  return slot;
}

void HashBeside::hand_over(std::size_t size) {
  Slot& slot = slots_[taken_ % kSlots];
  slot.size = size;
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    hasher_.write(ByteView(slot.bytes).first(size));  // no more threads: here, then
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    ++taken_;
  }
  changed_.notify_all();
}

std::span<std::uint8_t> HashBeside::room() { return free_slot().bytes; }

ByteView HashBeside::take(std::size_t size) {
  const Slot& slot = slots_[taken_ % kSlots];
  size_ += size;
  hand_over(size);
  return ByteView(slot.bytes).first(size);
}

void HashBeside::write(ByteView piece) {
  size_ += piece.size();
  while (!piece.empty()) {
    Slot& slot = free_slot();
    const std::size_t count = std::min(piece.size(), slot.bytes.size() - filled_);
    std::copy_n(piece.begin(), count, slot.bytes.begin() + static_cast<std::ptrdiff_t>(filled_));
    piece = piece.subspan(count);
    filled_ += count;
    if (filled_ < slot.bytes.size()) return;
    hand_over(std::exchange(filled_, 0));
  }
}

Digest HashBeside::finish() {
  if (thread_.joinable()) {
    if (filled_ > 0) hand_over(filled_);
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  } else if (filled_ > 0) {
    hasher_.write(ByteView(slots_.front().bytes).first(filled_));
  }
  return std::move(hasher_).finish();
}

void HashBeside::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return hashed_ < taken_ || is_over_; });
    if (hashed_ == taken_) return;
    const Slot& slot = slots_[hashed_ % kSlots];
    lock.unlock();
    hasher_.write(ByteView(slot.bytes).first(slot.size));
    lock.lock();
    ++hashed_;
    changed_.notify_all();
  }
}

}  // namespace hallmark::store
