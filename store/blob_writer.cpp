// SPDX-License-Identifier: Apache-2.0
#include "store/blob_writer.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::store {

BlobWriter::BlobWriter(const Path& path, std::uint64_t promised_size, Listener listener)
    : file_(File::create(path)), promised_size_(promised_size), listener_(std::move(listener)), block_(kBlockBytes) {}

void BlobWriter::write(ByteView piece) {
  received_ += piece.size();
  if (received_ > promised_size_) {
    fail(Fault::corrupt, "promised ", promised_size_, " bytes, got ", received_, " or more");
  }
  while (!piece.empty()) {
    const ByteView part = piece.first(std::min(piece.size(), block_.size() - filled_));
    std::copy(part.begin(), part.end(), block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += part.size();
    piece = piece.subspan(part.size());
    if (filled_ == block_.size()) flush();
  }
}

void BlobWriter::flush() {
  // Not before bytes come: a promise alone must not fill the disk.
  if (written_ == 0) file_.reserve(promised_size_);
  const std::span<std::uint8_t> block = std::span(block_).first(filled_);
  listener_(block);
  file_.write_at(written_, block);
  written_ += block.size();
  filled_ = 0;
}

void BlobWriter::finish() {
  if (filled_ > 0) flush();
  if (received_ != promised_size_) fail(Fault::corrupt, "promised ", promised_size_, " bytes, got ", received_);
  file_.sync_data();
}

}  // namespace hallmark::store
