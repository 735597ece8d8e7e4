// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include "trust/error.h"
#include "trust/shown.h"

namespace hallmark::cmd {
namespace {

constexpr std::int64_t kDay = 24;  // hours
// A time of Go that was never set is in year 1; images carry it as "0001-01-01T00:00:00Z".
constexpr Time kYearTwo = std::chrono::sys_days(std::chrono::year(2) / 1 / 1);

/// As printf's %.*g in the C locale, whatever the locale is.
std::string significant(double number, int digits) {
  std::array<char, 32> buffer{};
  const std::to_chars_result end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::general, digits);
  return {buffer.data(), end.ptr};
}

std::string size_text(std::uint64_t bytes, int digits) {
  static constexpr std::array<std::string_view, 7> kUnits{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  // The least number that would be written as 1000.
  // %.3g makes 1e+03 of it.
  const double too_much = digits == 3 ? 999.5 : 999.95;
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (number >= too_much && unit + 1 < kUnits.size()) {
    number /= 1000;
    ++unit;
  }
  return significant(number, digits).append(kUnits[unit]);
}

std::string count(std::int64_t number, std::string_view unit) {
  return std::to_string(number).append(" ").append(unit);
}

}  // namespace

void Table::add(std::vector<std::string> row) {
  // A mistake of this program. Shifted cells would be read as what their header says.
  if (row.size() != rows_.front().size()) throw std::logic_error("a row has another number of cells than the header");
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), kLeastWidth);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size() + kPadding);
  }
  std::string out;
  for (const auto& row : rows_) {
    // No line ends in blanks: scripts compare lines.
    for (std::size_t i = 0; i + 1 < row.size(); ++i) out.append(row[i]).append(widths[i] - row[i].size(), ' ');
    out.append(row.back()).append("\n");
  }
  return out;
}

std::string list_size(std::uint64_t bytes) { return size_text(bytes, 3); }
std::string exact_size(std::uint64_t bytes) { return size_text(bytes, 4); }

// Docker's breaks and its rounding: weeks until 60 days, months of 30 days, years of 365.
std::string duration(std::chrono::microseconds length) {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(length).count();
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return count(seconds, "seconds");
  const std::int64_t minutes = seconds / 60;
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return count(minutes, "minutes");
  const std::int64_t hours = (minutes + 30) / 60;  // rounded, where the smaller units are cut
  if (hours == 1) return "About an hour";
  if (hours < 48) return count(hours, "hours");
  if (hours < 14 * kDay) return count(hours / kDay, "days");
  if (hours < 60 * kDay) return count(hours / kDay / 7, "weeks");
  if (hours < 730 * kDay) return count(hours / kDay / 30, "months");
  return count(minutes / 60 / kDay / 365, "years");
}

std::string ago(const std::optional<Time>& then, Time now) {
  if (!then || *then < kYearTwo) return "N/A";
  // As docker, which knows the time of creation in whole seconds.
  return duration(now - std::chrono::floor<std::chrono::seconds>(*then)).append(" ago");
}

std::string path_in_json(const std::string& path) {
  static constexpr std::size_t kLongestPath = 4096;
  // A name of a file is any bytes. The writer would put U+FFFD for those that are no UTF-8, and two paths became one.
  return is_utf8(path) ? path : printable(path, kLongestPath);
}

}  // namespace hallmark::cmd
