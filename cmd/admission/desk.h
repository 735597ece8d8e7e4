// SPDX-License-Identifier: Apache-2.0
//
// What the commands that judge images work with.
#pragma once

#include "cmd/admission/gatherer.h"
#include "cmd/cli/options.h"
#include "cmd/state/policy_in_force.h"
#include "cmd/terminal/environment.h"
#include "policy/gate.h"
#include "registry/settings.h"
#include "store/store.h"
#include "trust/time.h"

namespace hallmark::cmd {

struct Desk {
  Surroundings& surroundings;
  registry::Settings settings;
  policy::Gate gate;
  store::Store store;
  TrustDesk trust;
  PolicyMemory policies;
  bool policy_rollback_accepted;
  const Arguments& arguments;  ///< what the gate is made of again
  bool content_trust;
  Time renewed;  ///< when the gate was made
};

/// Whether the name is in the store with this: a commit that failed may have become visible before.
bool is_in(const store::Store& store, const Reference& name, const Digest& digest);

/// The policy was obeyed: from now on an older one is refused. Waits for the store's lock, unless it is held.
void remember_policy(const Desk& desk, const store::StoreLock* held);

}  // namespace hallmark::cmd
