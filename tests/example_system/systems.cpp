// SPDX-License-Identifier: Apache-2.0
#include "policy/systems.h"

#include "tests/example_system/digest_list.h"
#include "trust/tuf/policy/system.h"

namespace hallmark::policy {

std::span<const trust::System* const> systems() {
  static constexpr const trust::System* kSystems[] = {&tuf::kSystem, &example::kSystem};
  return kSystems;
}

std::shared_ptr<const trust::Requirement> content_trust_requirement() { return tuf::content_trust(); }

}  // namespace hallmark::policy
