// SPDX-License-Identifier: Apache-2.0
#include "registry/http/collector.h"

namespace hallmark::registry {

bool Collector::begin(const Head& head) {
  // One collector may see several answers, as redirects and challenges come before the last one. Only the last one
  // counts.
  coming_.clear();
  bytes_.clear();
  // What is announced is believed only to refuse early. The count in body() is what holds.
  too_large_ = head.length().value_or(0) > limit_;
  return !too_large_;
}

bool Collector::body(ByteView piece) {
  too_large_ = piece.size() > limit_ - coming_.size();
  if (!too_large_) coming_.insert(coming_.end(), piece.begin(), piece.end());
  return !too_large_;
}

/// Only here do bytes come into sight: those of an answer that was cut never do.
void Collector::end() { bytes_ = std::move(coming_); }

}  // namespace hallmark::registry
