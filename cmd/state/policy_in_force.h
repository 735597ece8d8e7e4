// SPDX-License-Identifier: Apache-2.0
//
// The policy file that is in force: which one, whether others could have changed it, and that it is no older than one
// that was obeyed before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "policy/policy.h"
#include "store/layout/quarantine.h"

namespace hallmark::cmd {

/// Which policy file a person wants.
struct PolicyChoice {
  std::optional<std::filesystem::path> named;  ///< must exist
  std::vector<std::filesystem::path> usual;    ///< where none is named: the first of these that is there
  bool any_owner = false;                      ///< whoever may write it
};

/// The file that counts; absent when there is none. Fault::usage when it cannot be told.
std::optional<std::filesystem::path> policy_path(const PolicyChoice& choice);

/// Fault::usage when it is no usable policy, or when it, a file that it names, or a folder above them belongs to
/// somebody else or can be written by others, unless any owner will do.
std::optional<policy::Policy> policy_in_force(const PolicyChoice& choice);
/// The same again. The file is the one that `before` was read from, and must still be there; without one the places are
/// searched again. What came from a descriptor, such as a pipe of the caller's, can be read but once: then it is
/// `before`.
std::optional<policy::Policy> read_policy_again(const PolicyChoice& choice,
                                                const std::optional<policy::Policy>& before);

/// The highest serial of each named policy that was obeyed: an image came in under it, or was found to be there.
class PolicyMemory {
 public:
  explicit PolicyMemory(std::filesystem::path store) : store_(std::move(store)) {}

  /// Absent when none was seen, or when the policy has no name or no serial. Fault::corrupt when the memory cannot be
  /// read: that is not an empty one.
  [[nodiscard]] std::optional<std::int64_t> highest(const std::optional<policy::Policy>& policy) const;
  /// From now on a lower serial is older. Fault::refused when another run has obeyed a newer policy meanwhile, unless
  /// that was accepted. Waits for the store's lock, unless the caller has it.
  void remember(const std::optional<policy::Policy>& policy, bool rollback_accepted,
                const store::StoreLock* held = nullptr) const;

 private:
  std::filesystem::path store_;
};

}  // namespace hallmark::cmd
