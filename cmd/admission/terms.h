// SPDX-License-Identifier: Apache-2.0
//
// What a command says of an admission. It knows the flags, the environment and the screen; the admission knows none.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "cmd/state/policy_in_force.h"
#include "trust/error.h"
#include "trust/time.h"

namespace hallmark::cmd {

struct Terms {
  std::filesystem::path store;
  PolicyChoice policy;
  bool content_trust;                      ///< adds its requirement to those of the policy
  bool accepts_policy_rollback;            ///< a policy that is older than one that was obeyed before
  std::optional<std::string> break_glass;  ///< the reason, where a person goes past what the policy lets be waived
  std::function<Time()> clock;             ///< the time at this moment
  std::function<void(const std::string&)> notice;  ///< one line for people: warnings
  /// Set by a signal handler at any moment; outlives whatever has these terms.
  const std::atomic<bool>& interrupted;
  /// Who asks that a publisher vouches for what comes in: a flag or a variable. Empty: nobody but the policy.
  std::string publisher_asked_by = {};

  /// Throws Fault::interrupted when a person wants to stop.
  void require_uninterrupted() const {
    if (interrupted) fail(Fault::interrupted, "interrupted");
  }
};

}  // namespace hallmark::cmd
