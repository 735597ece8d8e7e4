// SPDX-License-Identifier: Apache-2.0
#include "trust/time.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "trust/error.h"

namespace hallmark {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads a text from left to right and refuses whatever does not fit.
class Reader {
 public:
  explicit Reader(std::string_view text) : whole_(text), rest_(text) {}

  int number(std::size_t digits, int low, int high) {
    if (rest_.size() < digits) refuse();
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = 10 * value + digit(rest_[i]);
    if (value < low || value > high) refuse();
    rest_.remove_prefix(digits);
    return value;
  }

  void literal(char wanted) {
    if (!skip(wanted)) refuse();
  }

  bool skip(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  microseconds fraction() {
    std::int64_t value = 0;
    std::int64_t unit = 100'000;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      value += unit * digit(rest_[count]);
      unit /= 10;
    }
    if (count == 0 || count > 9) refuse();
    rest_.remove_prefix(count);
    return microseconds(value);
  }

  void end() const {
    if (!rest_.empty()) refuse();
  }

  [[noreturn]] void refuse() const { fail(Fault::corrupt, "not an RFC 3339 time: ", printable(whole_, 80)); }

 private:
  [[nodiscard]] int digit(char character) const {
    if (character < '0' || character > '9') refuse();
    return character - '0';
  }

  std::string_view whole_;
  std::string_view rest_;
};

minutes offset(Reader& reader) {
  if (reader.skip('Z')) return minutes(0);
  const bool west = reader.skip('-');
  if (!west) reader.literal('+');
  minutes size = hours(reader.number(2, 0, 23));
  reader.literal(':');
  size += minutes(reader.number(2, 0, 59));
  return west ? -size : size;
}

}  // namespace

Time parse_time(std::string_view text) {
  Reader reader(text);
  const std::chrono::year year(reader.number(4, 0, 9999));
  reader.literal('-');
  const std::chrono::month month(static_cast<unsigned>(reader.number(2, 1, 12)));
  reader.literal('-');
  const std::chrono::day day(static_cast<unsigned>(reader.number(2, 1, 31)));
  const std::chrono::year_month_day date = year / month / day;
  if (!date.ok()) reader.refuse();
  reader.literal('T');
  Time time = std::chrono::sys_days(date) + hours(reader.number(2, 0, 23));
  reader.literal(':');
  time += minutes(reader.number(2, 0, 59));
  reader.literal(':');
  time += seconds(reader.number(2, 0, 59));
  if (reader.skip('.')) time += reader.fraction();
  time -= offset(reader);
  reader.end();
  return time;
}

std::string to_text(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
  const auto padded = [](auto number, std::size_t width) {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  };
  return padded(static_cast<int>(date.year()), 4) + "-" + padded(static_cast<unsigned>(date.month()), 2) + "-" +
         padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(clock.hours().count(), 2) + ":" +
         padded(clock.minutes().count(), 2) + ":" + padded(clock.seconds().count(), 2) + "Z";
}

std::chrono::seconds parse_duration(std::string_view text) {
  struct Unit {
    char letter;
    bool is_of_day;  ///< stands behind the T
    std::int64_t seconds;
  };
  constexpr std::array kUnits{Unit{'W', false, 604800}, Unit{'D', false, 86400}, Unit{'H', true, 3600},
                              Unit{'M', true, 60}, Unit{'S', true, 1}};
  constexpr std::int64_t kMost = std::int64_t{100} * 366 * 86400;
  const auto refuse = [&] {
    fail(Fault::corrupt, "\"", printable(text, 80), "\" is no duration like P45D, PT10M or P1DT12H");
  };
  std::string_view rest = text;
  if (!rest.starts_with('P')) refuse();
  rest.remove_prefix(1);
  std::int64_t total = 0;
  bool is_of_day = false;
  std::size_t next_unit = 0;
  std::size_t parts = 0;
  while (!rest.empty()) {
    if (rest.front() == 'T' && !is_of_day && rest.size() > 1) {
      is_of_day = true;
      rest.remove_prefix(1);
    }
    std::int64_t count = 0;
    const auto [at, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc() || rest.front() == '-' || at == rest.data() + rest.size()) refuse();
    rest.remove_prefix(static_cast<std::size_t>(at - rest.data()));
    const auto* const unit = std::find_if(kUnits.begin() + next_unit, kUnits.end(), [&](const Unit& candidate) {
      return candidate.letter == rest.front() && candidate.is_of_day == is_of_day;
    });
    if (unit == kUnits.end() || count > (kMost - total) / unit->seconds) refuse();
    total += count * unit->seconds;
    // Weeks stand alone.
    next_unit = unit->letter == 'W' ? kUnits.size() : static_cast<std::size_t>(unit - kUnits.begin()) + 1;
    rest.remove_prefix(1);
    ++parts;
  }
  if (parts == 0) refuse();
  return std::chrono::seconds(total);
}

}  // namespace hallmark
