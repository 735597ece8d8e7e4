// SPDX-License-Identifier: Apache-2.0
#include "policy/systems.h"

#include "trust/tuf/edit/key_entry.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/policy/system.h"

namespace hallmark::policy {

std::span<const trust::System* const> systems() {
  static constexpr const trust::System* kSystems[] = {&tuf::kSystem};
  return kSystems;
}

std::shared_ptr<const trust::Requirement> content_trust_requirement() { return tuf::content_trust(); }

std::string key_id(const crypto::PublicKey& key) { return tuf::list_key(tuf::notary(), key).key.canonical_id; }

}  // namespace hallmark::policy
