// SPDX-License-Identifier: Apache-2.0
//
// Points in time as signed documents write them. The time of day is always said by the caller, never asked here.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hallmark {

/// Microseconds, so that a fraction of a second in an expiry counts and the year 9999 still fits.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339: "2026-12-07T05:23:25.078368026Z", or with an offset "+05:45". Finer fractions than microseconds are cut.
/// Anything else is Fault::corrupt.
Time parse_time(std::string_view text);

/// RFC 3339 in UTC with whole seconds: "2026-12-07T05:23:25Z".
std::string to_text(Time time);

}  // namespace hallmark
