// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/desk.h"

#include "trust/error.h"

namespace hallmark::cmd {

bool is_in(const store::Store& store, const Reference& name, const Digest& digest) {
  try {
    const auto entry = store.find(name);
    return entry && entry->root.digest == digest;
  } catch (const Error&) {
    return false;
  }
}

void remember_policy(const Desk& desk, const store::StoreLock* held) {
  desk.policies.remember(desk.gate.policy(), desk.policy_rollback_accepted, held);
}

}  // namespace hallmark::cmd
