// SPDX-License-Identifier: Apache-2.0
//
// What was taken out of the store, for machines.
#pragma once

#include <set>
#include <string>

#include "store/store.h"

namespace hallmark::cmd {

/// What several removals did, together.
struct Removed {
  std::set<std::string> untagged = {};
  std::vector<Digest> deleted = {};
  std::uint64_t freed = 0;  ///< bytes

  /// Sums up: a command may remove in several steps, and tells it once.
  void add(const store::Store::Removal& removal);
  void add(Removed&& other);
  /// One object: Untagged, Deleted, Freed.
  [[nodiscard]] std::string to_json() const;
};

}  // namespace hallmark::cmd
