// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/key_uses.h"

#include "trust/error.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/policy/line.h"
#include "trust/tuf/root.h"

namespace hallmark::cmd {

void KeyUses::add(const std::string& gun, const TrustedMetadataStore& memory) {
  // As content trust reads it: whoever signs has no pins.
  const auto fits = [&](const trust::TrustedMetadata& one, trust::MemoryOf whose) {
    return tuf::fits(gun, one, whose, {});
  };
  const trust::TrustedMetadata known = memory.load({gun, {}, tuf::memory_rules()}, fits).memory;
  const auto add_role = [&](const std::string& role, const tuf::Role& signers, const tuf::Keys& keys) {
    for (const std::string& id : signers.key_ids) uses_[keys.at(id).canonical_id].push_back({gun, role, id});
  };
  within("what is remembered of " + gun, [&] {
    for (const auto& [role, bytes] : known.files) {
      if (role == "snapshot" || role == "timestamp") continue;
      if (role == "root") {
        const tuf::Root root = tuf::read_root_file(tuf::notary(), bytes).root;
        // Former root keys stay listed: of these it is known that they sign nothing.
        for (const auto& listed : root.keys) uses_.try_emplace(listed.second.canonical_id);
        for (const auto& [name, signers] : root.roles) add_role(name, signers, root.keys);
        guns_.insert(gun);
        continue;
      }
      const tuf::Envelope envelope = tuf::Envelope::read(tuf::notary(), role, bytes);
      const tuf::Targets targets = tuf::read_targets(tuf::notary(), role, envelope.content());
      for (const tuf::Delegation& one : targets.delegations) add_role(one.name, one.role, targets.keys);
    }
  });
}

std::optional<std::vector<KeyUse>> KeyUses::of(const StoredKey& key) const {
  if (const auto found = uses_.find(key.id); found != uses_.end()) return found->second;
  // A key of one repository that this does not list has been replaced.
  if (guns_.contains(key.file.gun)) return std::vector<KeyUse>();
  return std::nullopt;
}

}  // namespace hallmark::cmd
