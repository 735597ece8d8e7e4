// SPDX-License-Identifier: Apache-2.0
//
// The policy file that is in force: which one, whether others could have changed it, and that it is no older than one
// that was obeyed before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "cmd/cli/options.h"
#include "cmd/terminal/environment.h"
#include "policy/policy.h"
#include "store/layout/quarantine.h"

namespace hallmark::cmd {

/// --policy, $HALLMARK_POLICY, then the usual places; what was named must exist. Fault::usage when it is no usable
/// policy, or when it, a file that it names, or a folder above them belongs to somebody else or can be written by
/// others; --insecure-policy-perms takes it all the same.
std::optional<policy::Policy> policy_in_force(const Arguments& arguments, const Surroundings& surroundings);
/// The same again, without a word: what there is to tell was told before. The file is the one that `before` was read
/// from, and must still be there; without one the places are searched again. What came from a descriptor, such as a
/// pipe of the caller's, can be read but once: then it is `before`.
std::optional<policy::Policy> read_policy_again(const Arguments& arguments, const Surroundings& surroundings,
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
