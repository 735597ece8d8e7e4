// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/edit/root_draft.h"

#include <algorithm>

namespace hallmark::tuf {

DraftedRoot::DraftedRoot(const Dialect& dialect) : dialect_(&dialect), root_{} {
  // As Notary's writers do; readers ignore it (docs/notary-v1.md, 1.2).
  others_.emplace("consistent_snapshot", json::Value(false));
}

DraftedRoot::DraftedRoot(const Dialect& dialect, const json::Object& content)
    : dialect_(&dialect),
      others_(members_of(content)),
      roles_(members_of(content.at("roles"))),
      key_texts_(members_of(content.at("keys"))),
      root_(read_root(dialect, content)) {}

void DraftedRoot::assign(const std::string& role, const RoleKeys& keys) {
  Role& signers = root_.roles[role];
  const std::vector<std::string> former = signers.key_ids;
  signers = {{}, keys.threshold};
  for (const ListedKey& key : keys.keys) {
    // Listed twice it would count once.
    if (std::find(signers.key_ids.begin(), signers.key_ids.end(), key.key.id) != signers.key_ids.end()) continue;
    signers.key_ids.push_back(key.key.id);
    root_.keys.insert_or_assign(key.key.id, key.key);
    key_texts_.insert_or_assign(key.key.id, key.text);
  }
  if (role == "root") return;
  for (const std::string& id : former) {
    // One key may sign several roles.
    const bool needed = std::any_of(root_.roles.begin(), root_.roles.end(), [&](const auto& other) {
      const std::vector<std::string>& ids = other.second.key_ids;
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    });
    if (needed) continue;
    root_.keys.erase(id);
    key_texts_.erase(id);
  }
}

RequiredSignatures DraftedRoot::required_signatures(std::string_view role) const {
  return {root_.keys, root_.roles.find(role)->second};
}

json::Value DraftedRoot::content(const SignedCommon& common) const {
  Members roles = roles_;
  for (const auto& [role, signers] : root_.roles) {
    // What others have written beside keys and threshold stays.
    Members text = roles.count(role) == 0 ? Members{} : members_of(roles.at(role));
    text.insert_or_assign("keyids", value_of(signers.key_ids));
    text.insert_or_assign("threshold", value_of(signers.threshold));
    roles.insert_or_assign(role, value_of(text));
  }
  Members content = others_;
  set_common(*dialect_, Kind::root, common, content);
  content.insert_or_assign("keys", value_of(key_texts_));
  content.insert_or_assign("roles", value_of(roles));
  return value_of(content);
}

}  // namespace hallmark::tuf
