// SPDX-License-Identifier: Apache-2.0
#include "store/stream/large_windows.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::store {

void LargeWindows::check(std::uint64_t window) {
  const std::uint64_t around = around_;
  // A usual window is granted even beside the largest one around it.
  if (window > kUsualWindow && window > kMostWindow - around) {
    fail(Fault::corrupt, "it asks for a window of ", window, " bytes, at most ", kMostWindow - around, " are allowed",
         around == 0 ? "" : " beside the window of the archive around it");
  }
  // 0 asks for nothing, as a frame that is skipped does: it does not say how large the stream gets.
  if (inside_ == nullptr || window == 0) return;
  if (!first_) {
    // The first says how large the windows get, but nobody is held below the usual one.
    first_ = std::max(window, kUsualWindow);
    inside_->around_ = window > kUsualWindow ? window : 0;
  }
  // A larger one could not be granted any more: the layers inside may have taken theirs.
  if (window > *first_) {
    fail(Fault::corrupt, "it asks for a window of ", window, " bytes, after it has begun with at most ", *first_);
  }
}

}  // namespace hallmark::store
