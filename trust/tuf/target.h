// SPDX-License-Identifier: Apache-2.0
//
// What verified trust data say: targets, and the roles that sign them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trust/digest.h"
#include "trust/time.h"

namespace hallmark::tuf {

/// A name that trusted people gave to bytes.
struct Target {
  std::string name;              ///< the tag; may be no legal tag
  std::string role;              ///< whose word it is: "targets/releases"
  std::optional<Digest> digest;  ///< sha256; absent when only other algorithms were signed
  std::uint64_t length;
  std::vector<Digest> other_digests;  ///< sha512 and the like; all must fit too
};

/// A verified role, for those who tell of it and those who remember it.
struct RoleState {
  std::int64_t version;
  Time expires;
  std::vector<std::string> key_ids;  ///< as in the metadata that lists the role
  std::int64_t threshold;
};

/// A delegated role as its parent lists it.
struct DelegatedRole {
  std::vector<std::string> key_ids;  ///< canonical
  std::vector<std::string> paths;    ///< beginnings of the names that it may sign; "" is every name
  std::int64_t threshold;
};

/// What a lookup found. `target` is set when a role that counts names the tag.
struct Lookup {
  std::optional<Target> target;
  std::string elsewhere;  ///< a role that names the tag but does not count; empty if none
};

}  // namespace hallmark::tuf
