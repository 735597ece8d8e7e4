// SPDX-License-Identifier: Apache-2.0
//
// When signed roles end, in days and in words.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "trust/time.h"
#include "trust/tuf/update.h"

namespace hallmark::cmd {

/// Whole days; below zero when it has ended.
std::int64_t days_left(Time end, Time now);
/// Has ended, or will in that many days.
bool ends_within(Time end, Time now, std::chrono::days days);
/// "has expired at 2026-11-24T00:00:00Z", "expires at 2026-11-24T00:00:00Z, in 3 days".
std::string end_text(Time end, Time now);

/// When fewer root keys than the threshold asks have a certificate that is valid. Time::max() when none of them ends.
Time root_certificates_end(const tuf::TrustedMetadata& files, const std::string& gun);

}  // namespace hallmark::cmd
