// SPDX-License-Identifier: Apache-2.0
#include "store/stream/blob_writer.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::store {
namespace {

/// Room that is set aside at once; twice as much each further time, so that a blob lies in few pieces.
constexpr std::uint64_t kLeastRoom = std::uint64_t{16} << 20U;
/// In whole blocks, so that what was written meets what was reserved.
static_assert(kLeastRoom % kBlockBytes == 0);

}  // namespace

BlobWriter::BlobWriter(const Path& path, std::uint64_t promised_size, Listener listener)
    : BlobWriter(File::create(path), promised_size, std::move(listener)) {}

BlobWriter::BlobWriter(File file, std::uint64_t promised_size, Listener listener)
    : file_(std::move(file)), promised_size_(promised_size), listener_(std::move(listener)) {
  block_.reserve(kBlockBytes);
}

BlobWriter::BlobWriter(File file, std::uint64_t promised_size, Listener listener, std::uint64_t written)
    : BlobWriter(std::move(file), promised_size, std::move(listener)) {
  received_ = written_ = reserved_ = written;
}

void BlobWriter::write(ByteView piece) {
  // Before a byte of the piece is kept: a body without end stops at the first byte too many.
  received_ += piece.size();
  if (received_ > promised_size_) {
    fail(Fault::corrupt, "promised ", promised_size_, " bytes, got ", received_, " or more");
  }
  while (!piece.empty()) {
    const ByteView part = piece.first(std::min(piece.size(), kBlockBytes - block_.size()));
    piece = piece.subspan(part.size());
    block_.insert(block_.end(), part.begin(), part.end());
    if (block_.size() == kBlockBytes) pass_on();
  }
}

void BlobWriter::pass_on() {
  if (written_ == reserved_) {
    // As bytes come, 16 MiB and then never more again than have come: a promise alone must not fill the disk.
    reserved_ = std::min(promised_size_, written_ + std::max(written_, kLeastRoom));
    file_.reserve(reserved_);
  }
  // Before it is written: a block that the listener refuses does not reach the disk.
  listener_(block_);
  file_.write_at(written_, block_);
  written_ += block_.size();
  block_.clear();
}

void BlobWriter::finish() {
  if (!block_.empty()) pass_on();
  if (received_ != promised_size_) fail(Fault::corrupt, "promised ", promised_size_, " bytes, got ", received_);
  file_.sync_data();
}

}  // namespace hallmark::store
