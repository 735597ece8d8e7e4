// SPDX-License-Identifier: Apache-2.0
#include "store/blob_writer.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::store {

BlobWriter::BlobWriter(const Path& path, std::uint64_t promised_size, Listener listener)
    : BlobWriter(File::create(path), promised_size, std::move(listener)) {}

BlobWriter::BlobWriter(File file, std::uint64_t promised_size, Listener listener)
    : file_(std::move(file)), promised_size_(promised_size), listener_(std::move(listener)) {
  block_.reserve(kBlockBytes);
}

void BlobWriter::write(ByteView piece) {
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
  // Not before bytes come: a promise alone must not fill the disk.
  if (written_ == 0) file_.reserve(promised_size_);
  listener_(block_);
  file_.write_at(written_, block_);
  written_ += block_.size();
  block_.clear();
}

void BlobWriter::finish_unsynced() {
  if (!block_.empty()) pass_on();
  if (received_ != promised_size_) fail(Fault::corrupt, "promised ", promised_size_, " bytes, got ", received_);
}

void BlobWriter::finish() {
  finish_unsynced();
  file_.sync_data();
}

}  // namespace hallmark::store
