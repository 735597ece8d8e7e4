// SPDX-License-Identifier: Apache-2.0
#include "store/stream/large_windows.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::store {

void LargeWindows::check(std::uint64_t window) {
  const std::uint64_t around = around_;
  if (window > kUsualWindow && window > kMostWindow - around) {
    fail(Fault::corrupt, "it asks for a window of ", window, " bytes, at most ", kMostWindow - around, " are allowed",
         around == 0 ? "" : " beside the window of the archive around it");
  }
  if (inside_ == nullptr || window == 0) return;
  if (!first_) {
    first_ = std::max(window, kUsualWindow);
    inside_->around_ = window > kUsualWindow ? window : 0;
  }
  if (window > *first_) {
    fail(Fault::corrupt, "it asks for a window of ", window, " bytes, after it has begun with at most ", *first_);
  }
}

}  // namespace hallmark::store
