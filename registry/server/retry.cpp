// SPDX-License-Identifier: Apache-2.0
#include "registry/server/retry.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "trust/time.h"

namespace hallmark::registry {
namespace {

/// Nothing comes of asking five times for a name that does not exist; once more forgives a resolver.
constexpr int kTriesWithoutHost = 2;
/// What Retry-After says is told, however long that is.
constexpr unsigned kYearSeconds = 366U * 86400U;

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::optional<unsigned> month(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<unsigned>(found - kNames.begin()) + 1;
}

/// IMF-fixdate, RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto day = number(text.substr(5, 2));
  const auto month_number = month(text.substr(8, 3));
  const auto year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (!day || !month_number || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month_number),
                                         std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

std::string seconds_text(std::chrono::milliseconds duration) {
  const auto tenths = (duration.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text,
                                                      std::chrono::system_clock::time_point now) {
  if (const auto seconds = number(text)) return std::chrono::seconds(std::min(*seconds, kYearSeconds));
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  // In seconds: the clock's own unit cannot hold every year that can be written.
  const std::chrono::seconds left = *date - std::chrono::floor<std::chrono::seconds>(now);
  return std::clamp(left, std::chrono::seconds(0), std::chrono::seconds(kYearSeconds));
}

std::string long_wait(const Exchange& exchange, const Timing& timing, std::chrono::system_clock::time_point now) {
  const auto asked = exchange.head().headers.find("retry-after");
  const auto wait = asked && is_temporary(exchange.status()) ? parse_retry_after(*asked, now) : std::nullopt;
  if (!wait || *wait <= timing.longest_wait) return {};
  const Time end = std::chrono::floor<std::chrono::seconds>(now) + *wait;
  return "it asks for " + std::to_string(wait->count()) + " s, until " + to_text(end);
}

std::string with_long_wait(std::string line, const Exchange& exchange, const Timing& timing) {
  const std::string wait = long_wait(exchange, timing, std::chrono::system_clock::now());
  return wait.empty() ? line : line + "; " + wait;
}

bool is_temporary(int status) {
  // 520 to 524 are what Cloudflare says of a server behind it.
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504) ||
         (status >= 520 && status <= 524);
}

bool is_temporary(TransportError error) {
  switch (error) {
    // A resolver that is away for a moment says the same as one that knows no such name.
    case TransportError::unknown_host:
    case TransportError::no_connection:
    case TransportError::no_tls:
    case TransportError::timed_out:
    case TransportError::proxy_fails:
    case TransportError::cut: return true;
    // These come out the same however often one asks.
    case TransportError::none:
    case TransportError::stopped:
    case TransportError::not_tls:
    case TransportError::untrusted:
    case TransportError::proxy_refuses:
    case TransportError::garbled: return false;
  }
  return false;
}

Retry::Retry(Http& http, std::string name, int tries)
    : http_(http),
      name_(std::move(name)),
      tries_(std::min(tries, http.settings().most_tries)),
      random_(static_cast<std::minstd_rand::result_type>(std::chrono::steady_clock::now().time_since_epoch().count())) {
}

std::chrono::milliseconds Retry::next_wait(const Exchange& exchange) {
  const Timing& timing = http_.settings().timing;
  if (exchange.is_answered()) {
    const auto asked = exchange.head().headers.find("retry-after");
    const auto wait = asked ? parse_retry_after(*asked, std::chrono::system_clock::now()) : std::nullopt;
    if (wait) return std::min(*wait, timing.longest_wait);
  }
  const auto whole = timing.first_wait * (1U << static_cast<unsigned>(std::clamp(count_ - 1, 0, 10)));
  // Clients that failed together must not come back together.
  std::uniform_int_distribution<std::chrono::milliseconds::rep> shift(-whole.count() / 10, whole.count() / 10);
  return std::min<std::chrono::milliseconds>(whole + std::chrono::milliseconds(shift(random_)), timing.longest_wait);
}

bool Retry::again(const Exchange& exchange, const std::string& why) {
  ++count_;
  const int most = exchange.error() == TransportError::unknown_host ? std::min(tries_, kTriesWithoutHost) : tries_;
  if (count_ >= most) return false;
  // Asked earlier it would refuse again, and count that; and nobody waits here for hours.
  if (!long_wait(exchange, http_.settings().timing, std::chrono::system_clock::now()).empty()) return false;
  const auto wait = next_wait(exchange);
  http_.notice(name_ + ": " + why + "; try " + std::to_string(count_ + 1) + " of " + std::to_string(most) + " in " +
               seconds_text(wait));
  http_.wait(wait);
  return true;
}

}  // namespace hallmark::registry
