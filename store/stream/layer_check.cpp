// SPDX-License-Identifier: Apache-2.0
#include "store/stream/layer_check.h"

#include <vector>

#include "store/stream/blob_writer.h"
#include "trust/error.h"

namespace hallmark::store {

LayerCheck::LayerCheck(const Descriptor& layer, const Digest& diff_id, LargeWindows& large_windows)
    : outer_(layer.digest.algorithm()), inner_(diff_id.algorithm()) {
  inflater_.emplace(compression_of(layer.media_type), inner_, kMostInflatedLayer, large_windows);
}

void LayerCheck::inflate(const std::function<void()>& step) {
  if (!inflater_) return;
  try {
    step();
  } catch (const Error&) {
    // Kept for the end: where the digest is wrong too, that is what has to be told.
    trouble_ = std::current_exception();
    // Nothing more is inflated: a stream that is no good must not cost more time.
    inflater_.reset();
  }
}

void LayerCheck::push(std::span<std::uint8_t> piece) {
  outer_.write(piece);
  inflate([&] { inflater_->push(piece); });
}

std::uint64_t LayerCheck::finish(const Descriptor& layer, const Digest& diff_id) && {
  inflate([&] { inflater_->finish(); });
  // Size, then digest, then DiffID: the first that is wrong explains those after it.
  if (outer_.size() != layer.size) {
    fail_as(Fault::corrupt, "E_BLOB_SIZE", "expected ", layer.size, " bytes, found ", outer_.size());
  }
  const Digest found = std::move(outer_).finish();
  if (found != layer.digest) {
    fail_as(Fault::corrupt, "E_BLOB_DIGEST", "expected ", layer.digest.to_string(), ", found ", found.to_string());
  }
  if (trouble_ != nullptr) std::rethrow_exception(trouble_);
  const std::uint64_t inflated = inner_.size();
  const Digest inner = std::move(inner_).finish();
  if (inner != diff_id) {
    fail_as(Fault::corrupt, "E_DIFFID", "expected DiffID ", diff_id.to_string(), ", found ", inner.to_string());
  }
  return inflated;
}

void read_blocks(File& file, const std::function<void(std::span<std::uint8_t>)>& listener) {
  std::vector<std::uint8_t> block(kBlockBytes);
  for (;;) {
    const std::size_t count = file.read(block);
    if (count > 0) listener(std::span(block).first(count));
    if (count < block.size()) return;
  }
}

}  // namespace hallmark::store
