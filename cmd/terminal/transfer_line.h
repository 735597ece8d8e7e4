// SPDX-License-Identifier: Apache-2.0
//
// What a person sees on a terminal while an archive is written or read: one line that tells how far it is. Nothing
// elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "cmd/terminal/environment.h"

namespace hallmark::cmd {

/// "Loading app.tar: [====>   ] 12.1MB/600MB, 210MB/s, 3 seconds left", cut to less than `columns`. The bar is there
/// when there is room for it and the size is known, the rest when the speed is.
std::string transfer_line(const std::string& what, std::uint64_t passed, std::optional<std::uint64_t> size,
                          std::uint64_t speed, std::size_t columns);

/// Writes to standard error of a terminal only; whoever prints there meanwhile calls clear() first. Not thread-safe.
class TransferLine {
 public:
  /// `what`: "Loading app.tar". Without a size only what has passed is told.
  TransferLine(const Environment& environment, bool quiet, std::string what, std::optional<std::uint64_t> size);
  /// Takes the line away.
  ~TransferLine();
  TransferLine(const TransferLine&) = delete;
  TransferLine& operator=(const TransferLine&) = delete;

  /// Of all bytes, those that have passed so far.
  void passed(std::uint64_t bytes);
  /// Takes the line away, for what is going to be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::ostream& out_;
  bool is_shown_;  // at all
  std::string what_;
  std::optional<std::uint64_t> size_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point drawn_ = begun_;
  bool is_drawn_ = false;
};

}  // namespace hallmark::cmd
