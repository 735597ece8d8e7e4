// SPDX-License-Identifier: Apache-2.0
#include "registry/http/http_pace.h"

namespace hallmark::registry {

bool Pace::goes_on(std::uint64_t received, Clock::time_point now) {
  const std::uint64_t least = kLeastPace * static_cast<std::uint64_t>(silence_.count());
  // The mark moves only when enough came since: a burst does not pay for the drip behind it. Before the first byte
  // Patience has its own limit.
  if (received == 0 || marked_ == 0 || received - marked_ >= least) {
    marked_ = received;
    marked_at_ = now;
    return true;
  }
  has_stopped_ = now - marked_at_ > silence_;
  return !has_stopped_;
}

void Patience::sent(bool is_all, Clock::time_point now) {
  is_sent_ = is_all;
  since_ = now;
}

bool Patience::goes_on(std::uint64_t received, Clock::time_point now) {
  if (has_head_ && received > 0) return pace_.goes_on(received, now);
  is_overdue_ = now - since_ > limit();
  return !is_overdue_;
}

std::string Patience::why() const {
  if (pace_.has_stopped()) return "hardly a byte came for " + std::to_string(stall_.count()) + " seconds";
  if (!is_overdue_) return {};
  const std::string span = std::to_string(limit().count()) + " seconds";
  if (!is_sent_) return "not a byte was taken for " + span;
  if (!has_head_begun_) return "not a byte came for " + span;
  return std::string(has_head_ ? "its body did not begin within " : "its headers did not end within ") + span;
}

}  // namespace hallmark::registry
