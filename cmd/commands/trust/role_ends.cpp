// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/trust/role_ends.h"

#include <algorithm>
#include <functional>
#include <vector>

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
  const tuf::RootFile file = tuf::read_root_file(tuf::notary(), files.files.at("root"));
  std::vector<Time> ends;
  for (const std::string& id : file.signers().key_ids) {
    const tuf::RootKeyStanding standing = tuf::notary().root_key(file.root.keys.at(id), gun);
    // A certificate for another name never counts for this root, however long it is valid.
    if (standing.eligible) ends.push_back(standing.not_after.value_or(Time::max()));
  }
  // Sorted from the last end: while the threshold's number of them is valid, the root can be trusted.
  std::sort(ends.begin(), ends.end(), std::greater<>());
  return ends.at(static_cast<std::size_t>(file.signers().threshold) - 1);
}

}  // namespace hallmark::cmd
