// SPDX-License-Identifier: Apache-2.0
#include "trust/time.h"

#include <algorithm>

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
    // Digit by digit: a parser of numbers would take a sign as well.
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
      // 0 behind the sixth digit: what is finer than a microsecond is cut.
      unit /= 10;
    }
    // docs/notary-v1.md, 1.1
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
  // No second 60: Time has no leap seconds, and a time that moves to the next minute would be another text.
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

}  // namespace hallmark
