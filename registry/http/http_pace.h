// SPDX-License-Identifier: Apache-2.0
//
// Whether an answer still comes: a slow one may take as long as it likes, but what brings less than a trickle for as
// long as silence is borne has come to a stop.
#pragma once

#include <chrono>
#include <cstdint>

namespace hallmark::registry {

/// Bytes of a body in a second, on an average over the time that silence is borne.
constexpr std::uint64_t kLeastPace = 64;

/// The library's own limit, a byte a second, is met by a drip that never ends. This one is not.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Pace(std::chrono::seconds silence) : silence_(silence) {}

  /// The body has so many bytes by now. False when too few came for too long. Before the first one nothing is said.
  [[nodiscard]] bool goes_on(std::uint64_t received, Clock::time_point now);
  /// Whether it was so ever.
  [[nodiscard]] bool has_stopped() const { return has_stopped_; }
  /// So long the bytes that came were worked on here, and no more were asked for.
  void excuse(Clock::duration ours) { marked_at_ += ours; }

  /// Excuses the time until it goes.
  class Pause {
   public:
    explicit Pause(Pace& pace) : pace_(pace), began_(Clock::now()) {}
    ~Pause() { pace_.excuse(Clock::now() - began_); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Pace& pace_;
    Clock::time_point began_;
  };

 private:
  std::chrono::seconds silence_;
  std::uint64_t marked_ = 0;
  Clock::time_point marked_at_;
  bool has_stopped_ = false;
};

}  // namespace hallmark::registry
