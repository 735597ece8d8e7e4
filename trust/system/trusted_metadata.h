// SPDX-License-Identifier: Apache-2.0
//
// What this machine knows of a collection of trust data from last time, so that nobody can show it an older state.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "trust/bytes.h"

namespace hallmark::trust {

/// Of one collection, for one store of the policy; of other systems than its own nobody may read it. Only what was
/// verified goes in, and no version ever goes down.
struct TrustedMetadata {
  std::map<std::string, Bytes> files;            ///< role to the bytes accepted last
  std::map<std::string, std::int64_t> versions;  ///< role to the highest version ever accepted
  std::set<std::string> delegations;             ///< roles that were listed last
  /// The roots before the one in `files`, by version. They prove whose successor it is without anybody being asked.
  std::map<std::int64_t, Bytes> roots{};

  /// Versions alone are no empty memory: they still refuse older data.
  [[nodiscard]] bool empty() const { return files.empty() && versions.empty(); }
};

}  // namespace hallmark::trust
