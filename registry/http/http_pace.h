// SPDX-License-Identifier: Apache-2.0
//
// Whether an answer still comes. A server may take its time before the first byte, and a slow one as long as it likes
// behind it; but what brings less than a trickle for as long as silence is borne has come to a stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hallmark::registry {

/// Bytes of a body in a second, on an average over the time that silence is borne.
constexpr std::uint64_t kLeastPace = 64;

/// A byte a second would be met by a drip that never ends. This is not.
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

/// The silence of one exchange: while the request is taken, until the first byte of the body, and within the body.
class Patience {
 public:
  using Clock = Pace::Clock;

  /// `first_byte`: from the end of the request to the first byte of a body, or the end of an answer without one.
  Patience(std::chrono::seconds first_byte, std::chrono::seconds stall)
      : first_byte_(first_byte), stall_(stall), pace_(stall) {}

  /// Bytes of the request went out; `is_all`: those were the last.
  void sent(bool is_all, Clock::time_point now);
  /// A part of the head has come; all of it has.
  void head_began() { has_head_begun_ = true; }
  void head_ended() { has_head_ = true; }
  /// The body has so many bytes by now.
  [[nodiscard]] bool goes_on(std::uint64_t received, Clock::time_point now);
  /// Why it does not go on; empty while it does.
  [[nodiscard]] std::string why() const;
  [[nodiscard]] Pace& pace() { return pace_; }

 private:
  [[nodiscard]] std::chrono::seconds limit() const { return is_sent_ ? first_byte_ : stall_; }

  std::chrono::seconds first_byte_;
  std::chrono::seconds stall_;
  Pace pace_;
  Clock::time_point since_ = Clock::now();
  bool is_sent_ = true;  // all of the request, which mostly has no body
  bool has_head_begun_ = false;
  bool has_head_ = false;
  bool is_overdue_ = false;
};

}  // namespace hallmark::registry
