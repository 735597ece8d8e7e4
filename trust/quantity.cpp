// SPDX-License-Identifier: Apache-2.0
#include "trust/quantity.h"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "trust/error.h"

namespace hallmark {
namespace {

struct Unit {
  std::string_view word;
  std::uint64_t size;
};

constexpr std::array kByteUnits{Unit{"TiB", std::uint64_t{1} << 40U}, Unit{"GiB", std::uint64_t{1} << 30U},
                                Unit{"MiB", std::uint64_t{1} << 20U}, Unit{"KiB", std::uint64_t{1} << 10U},
                                Unit{"B", 1}};
constexpr std::array kDateUnits{Unit{"D", 86'400}};
constexpr std::array kTimeUnits{Unit{"H", 3'600}, Unit{"M", 60}, Unit{"S", 1}};
/// A hundred years: what is added to a time of today stays far within Time.
constexpr std::uint64_t kMostSeconds = std::uint64_t{100} * 366 * 86'400;
/// An exbibyte: far from where a few of them together would wrap.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 60U;

/// The number at the beginning, which is cut off; false when there is none, or it is too large.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number <= kMostBytes;
}

/// Numbers with their units, each at most once and in this order. False when the text is anything else.
template <std::size_t count>
bool add_up(std::string_view text, const std::array<Unit, count>& units, std::uint64_t& sum) {
  for (const Unit& unit : units) {
    std::string_view rest = text;
    std::uint64_t number = 0;
    if (text.empty() || !take_number(rest, number) || !rest.starts_with(unit.word)) continue;
    text = rest.substr(unit.word.size());
    // Before it is multiplied, so that no product leaves 64 bits.
    if (number > kMostSeconds) return false;
    sum += number * unit.size;
  }
  return text.empty();
}

constexpr std::uint64_t kThousand = 1000;
constexpr std::uint64_t kKibi = 1024;
constexpr std::array<Unit, 11> kFlagUnits{{{"", 1},
                                           {"B", 1},
                                           {"kB", kThousand},
                                           {"KB", kThousand},
                                           {"MB", kThousand* kThousand},
                                           {"GB", kThousand* kThousand* kThousand},
                                           {"TB", kThousand* kThousand* kThousand* kThousand},
                                           {"KiB", kKibi},
                                           {"MiB", kKibi* kKibi},
                                           {"GiB", kKibi* kKibi* kKibi},
                                           {"TiB", kKibi* kKibi* kKibi* kKibi}}};

}  // namespace

std::uint64_t parse_bytes(const std::string& text) {
  std::string_view rest = text;
  std::uint64_t number = 0;
  if (take_number(rest, number)) {
    for (const Unit& unit : kByteUnits) {
      if (rest == unit.word && number <= kMostBytes / unit.size) return number * unit.size;
    }
  }
  fail(Fault::usage, "a size is written like 512MiB (B, KiB, MiB, GiB, TiB), found \"", printable(text, 80), "\"");
}

std::uint64_t parse_byte_count(const std::string& flag, const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& unit : kFlagUnits) {
    if (error != std::errc() || number == 0 || unit.word != name) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / unit.size) break;
    return number * unit.size;
  }
  throw Error(Fault::usage, flag + ": expected a size, found \"" + printable(text, 80) + "\"",
              "a number of bytes, or with a unit: 700MB, 4GiB");
}

std::chrono::seconds parse_duration(const std::string& text) {
  const std::string_view all = text;
  std::uint64_t sum = 0;
  bool is_good = false;
  // "P" and "P1DT" end before they have said what they announce.
  if (all.size() > 2 && all.front() == 'P' && all.back() != 'T') {
    // In ISO 8601 weeks stand alone.
    if (all.back() == 'W') {
      is_good = add_up(all.substr(1), std::array{Unit{"W", 604'800}}, sum);
    } else {
      const std::size_t clock = all.find('T');
      is_good = add_up(all.substr(1, clock == std::string_view::npos ? clock : clock - 1), kDateUnits, sum) &&
                (clock == std::string_view::npos || add_up(all.substr(clock + 1), kTimeUnits, sum));
    }
  }
  if (!is_good || sum > kMostSeconds) {
    fail(Fault::usage, "a span of time is written like P180D, PT12H or P2W, and has at most a hundred years, found \"",
         printable(text, 80), "\"");
  }
  return std::chrono::seconds(sum);
}

std::chrono::seconds parse_wait(const std::string& name, const std::string& text) {
  constexpr std::array kUnits{Unit{"h", 3'600}, Unit{"m", 60}, Unit{"s", 1}, Unit{"", 1}};
  constexpr std::uint64_t kMostWait = std::uint64_t{7} * 86'400;
  std::string_view unit = text;
  std::uint64_t number = 0;
  const bool has_number = take_number(unit, number);
  for (const Unit& known : kUnits) {
    const bool is_sound = has_number && number > 0 && number <= kMostWait && number * known.size <= kMostWait;
    if (is_sound && unit == known.word) return std::chrono::seconds(number * known.size);
  }
  fail(Fault::usage, name, ": expected a time such as 90s, 5m or 2h, at most a week, found \"", printable(text, 80),
       "\"");
}

Time parse_plain_time(const std::string& text) {
  std::optional<Time> time;
  try {
    time = parse_time(text);
  } catch (const Error& error) {
    // A date alone, a month that is none: whoever wrote it wants an example.
    if (error.fault() != Fault::corrupt) throw;
  }
  // One spelling: what is shown later is what the file says, without an offset that a reader overlooks.
  if (!time || to_text(*time) != text) {
    fail(Fault::usage, "a time is written like 2027-06-30T00:00:00Z, found \"", printable(text, 80), "\"");
  }
  return *time;
}

}  // namespace hallmark
