// SPDX-License-Identifier: Apache-2.0
//
// The roles of a signed repository, as trust status lists them and as --json tells them after a change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/publishing/publisher.h"
#include "trust/digest.h"
#include "trust/json.h"

namespace hallmark::cmd {

/// Docker's delegation: what is signed there is released.
/// Readers ask it before targets (docs/notary-v1.md, 7.1).
inline const std::string kReleases = "targets/releases";

/// A role as its repository has it. One that signed nothing, or not well, has keys alone.
struct SignedRole {
  std::string role;
  /// Absent when readers pass over it.
  std::optional<tuf::RoleState> state;
  /// Ids of the keys that may sign it now.
  std::vector<std::string> keys;
};

/// Root, targets, snapshot, timestamp, then delegations by name.
std::vector<SignedRole> roles_of(const tuf::Repository& repository);

/// An array of objects.
void write_roles(const std::vector<SignedRole>& roles, Time now, json::Writer& out);

/// The line of a command that published: the name, the digest if it signed one, and the roles as they are now.
std::string published_json(const std::string& name, const std::optional<Digest>& digest, const Publisher& publisher,
                           Time now);

}  // namespace hallmark::cmd
