// SPDX-License-Identifier: Apache-2.0
#include "registry/collector.h"

namespace hallmark::registry {

bool Collector::begin(const Head& head) {
  bytes_.clear();
  too_large_ = head.length().value_or(0) > limit_;
  return !too_large_;
}

bool Collector::body(ByteView piece) {
  too_large_ = piece.size() > limit_ - bytes_.size();
  if (!too_large_) bytes_.insert(bytes_.end(), piece.begin(), piece.end());
  return !too_large_;
}

}  // namespace hallmark::registry
