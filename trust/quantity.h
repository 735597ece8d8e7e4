// SPDX-License-Identifier: Apache-2.0
//
// Sizes and spans of time, and times of one spelling, as configuration writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "trust/time.h"

namespace hallmark {

/// "512B", "64KiB", "2GiB". Anything else is Fault::usage.
std::uint64_t parse_bytes(const std::string& text);

/// "700MB", "4GiB", "1000000": a whole number above 0 of bytes, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB
/// (powers of 1024). Anything else is Fault::usage, and `flag` is named.
std::uint64_t parse_byte_count(const std::string& flag, const std::string& text);

/// ISO 8601 without years and months, whose length nobody knows: "P180D", "PT5M", "P1DT12H", "P2W".
/// At most a hundred years. Anything else is Fault::usage.
std::chrono::seconds parse_duration(const std::string& text);

/// "90", "90s", "5m", "2h": how long to wait for something, above 0 and at most a week. Anything else is Fault::usage,
/// and `name` is named.
std::chrono::seconds parse_wait(const std::string& name, const std::string& text);

/// "2027-06-30T00:00:00Z" and no other spelling, or Fault::usage.
Time parse_plain_time(const std::string& text);

}  // namespace hallmark
