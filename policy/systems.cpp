// SPDX-License-Identifier: Apache-2.0
#include "policy/systems.h"

#include "trust/tuf/policy/system.h"

namespace hallmark::policy {

// Law 12 of docs/house.md: no other file of policy/ or of the way in includes a trust system.
std::span<const trust::System* const> systems() {
  // A table and no registration: what a policy means must not depend on what was linked (decision 0016).
  static constexpr const trust::System* kSystems[] = {&tuf::kSystem};
  return kSystems;
}

std::shared_ptr<const trust::Requirement> content_trust_requirement() { return tuf::content_trust(); }

}  // namespace hallmark::policy
