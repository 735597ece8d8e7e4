// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/transfer_line.h"

#include <algorithm>
#include <ostream>

#include "cmd/output/format.h"
#include "cmd/terminal/bars.h"
#include "cmd/terminal/progress.h"

namespace hallmark::cmd {
namespace {

constexpr std::chrono::milliseconds kBetweenLines(100);
constexpr std::size_t kShortBarWidth = 30;

}  // namespace

std::string transfer_line(const std::string& what, std::uint64_t passed, std::optional<std::uint64_t> size,
                          std::uint64_t speed, std::size_t columns) {
  std::string line = what + ": ";
  // What is read may be more than what was announced, such as a file that grows.
  if (size) passed = std::min(passed, *size);
  std::string numbers = exact_size(passed);
  if (size) numbers += "/" + exact_size(*size);
  if (speed > 0) numbers += ", " + exact_size(speed) + "/s";
  if (speed > 0 && size && passed < *size) {
    numbers += ", " + duration(std::chrono::seconds((*size - passed) / speed)) + " left";
  }
  const std::size_t taken = line.size() + numbers.size() + 1;
  if (size) line += bar(passed, *size, kShortBarWidth, columns > taken ? columns - taken : 0);
  line += numbers;
  line.resize(std::min(line.size(), std::max<std::size_t>(columns, 2) - 1));
  return line;
}

TransferLine::TransferLine(const Environment& environment, bool quiet, std::string what,
                           std::optional<std::uint64_t> size)
    : out_(environment.err),
      // A dumb terminal cannot go back to the beginning of a line.
      is_shown_(!quiet && environment.err_is_terminal && environment.variable("TERM").value_or("dumb") != "dumb"),
      what_(std::move(what)),
      size_(size) {}

TransferLine::~TransferLine() { clear(); }

void TransferLine::passed(std::uint64_t bytes) {
  if (!is_shown_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < kBetweenLines) return;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_).count();
  const double speed = static_cast<double>(bytes) * 1000.0 / static_cast<double>(std::max<std::int64_t>(elapsed, 1));
  out_ << "\r" << transfer_line(what_, bytes, size_, static_cast<std::uint64_t>(speed), screen_size().columns)
       << "\x1b[K" << std::flush;
  drawn_ = now;
  is_drawn_ = true;
}

void TransferLine::clear() {
  if (is_drawn_) out_ << "\r\x1b[K" << std::flush;
  is_drawn_ = false;
}

}  // namespace hallmark::cmd
