// SPDX-License-Identifier: Apache-2.0
#include "registry/http/http_pace.h"

namespace hallmark::registry {

bool Pace::goes_on(std::uint64_t received, Clock::time_point now) {
  const std::uint64_t least = kLeastPace * static_cast<std::uint64_t>(silence_.count());
  // The mark moves only when enough came since: a burst does not pay for the drip behind it. Before the first byte the
  // library's own limit of silence holds.
  if (received == 0 || marked_ == 0 || received - marked_ >= least) {
    marked_ = received;
    marked_at_ = now;
    return true;
  }
  has_stopped_ = now - marked_at_ > silence_;
  return !has_stopped_;
}

}  // namespace hallmark::registry
