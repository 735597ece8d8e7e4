// SPDX-License-Identifier: Apache-2.0
//
// A repository whose trust data was verified: a proof. Only update() makes one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "trust/tuf/target.h"

namespace hallmark::tuf {

struct VerifiedState;  // trust/tuf/update.cpp and repository.cpp know its inside

/// What trusted roles name. All that it gives out was verified by one judgement, at the time of that judgement.
class Repository {
 public:
  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;
  ~Repository();

  /// The repository that was asked about.
  [[nodiscard]] const std::string& gun() const;
  /// TUF key ids of the root role.
  [[nodiscard]] const std::vector<std::string>& root_key_ids() const;
  /// How many of the root keys must sign, at least 1.
  [[nodiscard]] std::int64_t root_threshold() const;
  /// Neither a pin nor a memory said that its root is the right one.
  [[nodiscard]] bool first_use() const;
  /// All verified roles by name, delegations included.
  [[nodiscard]] const std::map<std::string, RoleState>& roles() const;
  /// Delegated roles by name, also those that could not be used.
  [[nodiscard]] const std::map<std::string, DelegatedRole>& delegations() const;

  /// Searches the given roles in their order, each with its subtree; only a hit in one of the roles itself counts.
  /// Docker's order is {"targets/releases", "targets"}.
  [[nodiscard]] Lookup find(const std::string& tag, const std::vector<std::string>& roles) const;
  /// All targets of the given roles, the first role first; a name that an earlier role has is not repeated.
  [[nodiscard]] std::vector<Target> list(const std::vector<std::string>& roles) const;
  /// Every target of every usable role.
  [[nodiscard]] std::vector<Target> all() const;

 private:
  friend class Updater;  // trust/tuf/update.cpp
  explicit Repository(std::unique_ptr<const VerifiedState> state);

  std::unique_ptr<const VerifiedState> state_;
};

}  // namespace hallmark::tuf
