// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/trust/role_ends.h"

#include "trust/tuf/notary.h"
#include "trust/tuf/root.h"

namespace hallmark::cmd {

// Downwards, so that the last day is 0 and what ended an hour ago is -1.
std::int64_t days_left(Time end, Time now) { return std::chrono::floor<std::chrono::days>(end - now).count(); }

// The end itself is still good (docs/notary-v1.md, 1.1).
bool ends_within(Time end, Time now, std::chrono::days days) { return end < now || end - now <= days; }

std::string end_text(Time end, Time now) {
  if (end < now) return "has expired at " + to_text(end);
  const std::int64_t days = days_left(end, now);
  return "expires at " + to_text(end) + ", in " + std::to_string(days) + (days == 1 ? " day" : " days");
}

Time root_certificates_end(const tuf::TrustedMetadata& files, const std::string& gun) {
  return tuf::RootRules(tuf::notary(), gun)
      .certificates_end(tuf::read_root_file(tuf::notary(), files.files.at("root")));
}

}  // namespace hallmark::cmd
