// SPDX-License-Identifier: Apache-2.0
//
// Tables, sizes and durations as docker prints them, so that scripts and eyes find what they know.
// Pure: the time of day is an argument, and nothing here reads a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trust/time.h"

namespace hallmark::cmd {

/// Of docker's tables.
inline constexpr std::size_t kLeastWidth = 10;
inline constexpr std::size_t kPadding = 3;

/// Left-aligned columns, each as wide as its widest cell and three blanks, at least ten; the last one is not padded.
/// Cells are ASCII (names, tags and digests are; anything else goes through printable() first).
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  /// As many cells as the header has; std::logic_error otherwise.
  void add(std::vector<std::string> row);
  /// The header and the rows, each with its line end.
  [[nodiscard]] std::string text() const;

 private:
  // The header is the first of them.
  std::vector<std::vector<std::string>> rows_;
};

/// Three significant digits, for lists: "199MB", "1.98MB", "0B". What would round to 1000 of a unit is 1 of the next.
std::string list_size(std::uint64_t bytes);
/// Four significant digits, for progress: "93.29MB".
std::string exact_size(std::uint64_t bytes);

/// "Less than a second", "1 second", "59 seconds", "About a minute", "2 hours", "3 weeks". A negative one is the least.
std::string duration(std::chrono::microseconds length);
/// duration() and " ago"; "N/A" when nobody said when. Year 1, the zero of other programs, says nothing either.
std::string ago(const std::optional<Time>& then, Time now);

/// A path for json::Writer: as it is where it is UTF-8, else with what is not ASCII escaped.
std::string path_in_json(const std::string& path);

}  // namespace hallmark::cmd
