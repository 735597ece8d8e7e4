// SPDX-License-Identifier: Apache-2.0
//
// The inside of a Repository: made by the Updater, read by the Repository, known to nobody else.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trust/tuf/dialect.h"
#include "trust/tuf/target.h"
#include "trust/tuf/target_table.h"

namespace hallmark::tuf {

/// A verified targets role, the top one or a delegation.
struct UsableRole {
  std::vector<std::string> paths;  ///< what it may name, already cut down to what its parent may
  TargetTable targets;
  std::vector<std::string> children;  ///< in the order of the document
};

/// Verified by one judgement at one time; nothing is added afterwards.
struct VerifiedState {
  const Dialect& dialect;
  std::string gun;
  std::vector<std::string> root_key_ids;
  std::int64_t root_threshold = 0;
  bool first_use = false;
  std::map<std::string, RoleState> roles;
  std::map<std::string, DelegatedRole> delegations;
  /// Without the delegations that were passed over, which are in `delegations` alone.
  std::map<std::string, UsableRole> usable;
};

}  // namespace hallmark::tuf
