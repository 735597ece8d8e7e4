// SPDX-License-Identifier: Apache-2.0
//
// When to try again and how long to wait first: 0.5 s, doubled each time, ten per cent up or down, or what the
// server asks for by Retry-After.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "registry/http/http.h"

namespace hallmark::registry {

/// Seconds, or a date as HTTP writes it (RFC 9110 section 10.2.3; only the one form that may be sent). A date gone by
/// is 0; what cannot be read is nothing.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::chrono::system_clock::time_point now);

/// What a server asks for that is longer than is waited here: "it asks for 5400 s, until 2026-11-30T21:30:00Z".
/// Empty when it asks for nothing, or for less.
std::string long_wait(const Exchange& exchange, const Timing& timing, std::chrono::system_clock::time_point now);

/// `line`, and behind it what long_wait() has to say now.
std::string with_long_wait(std::string line, const Exchange& exchange, const Timing& timing);

/// 408, 429, 500, 502 to 504, 520 to 524: asking again may help.
bool is_temporary(int status);
/// Likewise for what went wrong below HTTP.
bool is_temporary(TransportError error);

/// The tries of one piece of work.
/// Each further try is told before the wait, for a minute of silence looks like an end.
class Retry {
 public:
  /// At most `tries` in all. `name` stands before the line that each further try is announced with.
  Retry(Http& http, std::string name, int tries);

  /// Whether there is to be another try; has waited for it then. There is none where the server asks for more time than
  /// is waited here. `why` is one line.
  bool again(const Exchange& exchange, const std::string& why);
  /// The last try got on: it was none of the counted ones.
  void forgive() { count_ = 0; }

 private:
  std::chrono::milliseconds next_wait(const Exchange& exchange);

  Http& http_;
  std::string name_;
  int tries_;
  int count_ = 0;
  std::minstd_rand random_;
};

}  // namespace hallmark::registry
