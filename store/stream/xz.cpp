// SPDX-License-Identifier: Apache-2.0
#include "store/stream/xz.h"

#include <lzma.h>

#include <algorithm>
#include <mutex>
#include <new>

#include "trust/error.h"

namespace hallmark::store {
namespace {

/// What a decoder needs beside its window, and far less than the step from one size of a window to the next.
constexpr std::uint64_t kBesideWindow = std::uint64_t{1} << 20U;

std::string_view reason_of(lzma_ret result) {
  switch (result) {
    case LZMA_FORMAT_ERROR: return "bytes that are no xz stand in the xz stream";
    case LZMA_OPTIONS_ERROR: return "the xz stream has options that nobody knows";
    case LZMA_UNSUPPORTED_CHECK: return "the xz stream has a checksum of an unknown kind";
    case LZMA_BUF_ERROR: return "the xz stream is cut off";
    default: return "the xz stream is damaged";
  }
}

}  // namespace

struct Xz::Inside {
  explicit Inside(LargeWindows& shared) : windows(shared), turn(shared, std::defer_lock) {
    // Streams in a row are one file to xz(1). A check of an unknown kind could not be verified, so it ends the work.
    const std::uint32_t flags = LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK;
    // Almost nothing is granted at first: whatever needs a window has to pass widen().
    const lzma_ret result = lzma_stream_decoder(&stream, kBesideWindow, flags);
    if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
    if (result != LZMA_OK) fail(Fault::local, "liblzma cannot be started");
  }
  ~Inside() { lzma_end(&stream); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  /// The library asks before it takes memory, for each block anew.
  void widen() {
    const std::uint64_t needed = lzma_memusage(&stream);
    // In whole MiB, rounded down: what the decoder needs besides must not make the window look larger.
    const std::uint64_t window = needed / kBesideWindow * kBesideWindow;
    windows.check(window);
    // Held until this goes, for so long the decoder keeps the memory.
    if (window > kUsualWindow && !turn.owns_lock()) turn.lock();
    if (lzma_memlimit_set(&stream, needed) != LZMA_OK) throw std::bad_alloc();
  }

  LargeWindows& windows;
  std::unique_lock<LargeWindows> turn;
  lzma_stream stream = LZMA_STREAM_INIT;
  bool is_at_end = false;
};

Xz::Xz(LargeWindows& windows) : inside_(std::make_unique<Inside>(windows)) {}
Xz::~Xz() = default;

std::size_t Xz::inflate(ByteView& input, bool is_all, std::span<std::uint8_t> room) {
  lzma_stream& stream = inside_->stream;
  stream.next_in = input.data();
  stream.avail_in = input.size();
  stream.next_out = room.data();
  stream.avail_out = room.size();
  const lzma_ret result = lzma_code(&stream, is_all ? LZMA_FINISH : LZMA_RUN);
  input = input.last(stream.avail_in);
  const std::size_t made = room.size() - stream.avail_out;
  // So much is had without asking; from here on it counts as what the stream has begun with.
  if (made > 0) inside_->windows.check(kBesideWindow);
  if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
  if (result == LZMA_MEMLIMIT_ERROR) {
    inside_->widen();
  } else if (result == LZMA_STREAM_END) {
    // Comes only when all of the input was used: LZMA_CONCATENATED looks for another stream until then.
    inside_->is_at_end = true;
  } else if (result != LZMA_OK) {
    fail(Fault::corrupt, reason_of(result));
  }
  return made;
}

bool Xz::is_at_end() const { return inside_->is_at_end; }

}  // namespace hallmark::store
