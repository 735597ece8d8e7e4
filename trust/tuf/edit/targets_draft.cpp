// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/edit/targets_draft.h"

#include <algorithm>
#include <set>

#include "trust/error.h"

namespace hallmark::tuf {
namespace {

bool holds(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

DraftedTargets::DraftedTargets(const Dialect& dialect, std::string role) : dialect_(&dialect), role_(std::move(role)) {}

DraftedTargets::DraftedTargets(const Dialect& dialect, std::string role, const json::Object& content)
    : dialect_(&dialect),
      role_(std::move(role)),
      others_(members_of(content)),
      targets_(members_of(content.at("targets"))) {
  Targets read = read_targets(dialect, role_, content);
  // The bulk of the document: kept once, in targets_.
  others_.erase("targets");
  const json::Value* delegations = content.find("delegations");
  if (delegations == nullptr) return;
  delegations_others_ = members_of(delegations->object());
  key_texts_ = members_of(delegations->object().at("keys"));
  keys_ = std::move(read.keys);
  for (std::size_t i = 0; i < read.delegations.size(); ++i) {
    // read_targets() keeps the order of the list, so texts and values belong together by their places.
    const json::Value& text = delegations->object().at("roles").array()[i];
    delegations_.push_back({members_of(text), std::move(read.delegations[i])});
  }
}

void DraftedTargets::set(const std::string& name, const NewTarget& target) {
  require_clean("the name", name);
  if (name.empty()) fail(Fault::usage, "a name cannot be empty");
  // Readers look for this one (docs/notary-v1.md, 1.3).
  if (std::none_of(target.digests.begin(), target.digests.end(),
                   [](const Digest& digest) { return digest.algorithm() == Algorithm::sha256; })) {
    fail(Fault::usage, "\"", printable(name, 80), "\" cannot be signed without a sha256 digest");
  }
  Members text;
  text.emplace("hashes", hashes_of(*dialect_, target.digests));
  text.emplace("length", value_of(static_cast<std::int64_t>(target.length)));
  if (target.custom) text.emplace("custom", *target.custom);
  targets_.insert_or_assign(name, value_of(text));
}

bool DraftedTargets::remove(const std::string& name) { return targets_.erase(name) != 0; }

const DraftedTargets::Drafted* DraftedTargets::find(std::string_view role) const {
  const auto found = std::find_if(delegations_.begin(), delegations_.end(),
                                  [&](const Drafted& drafted) { return drafted.delegation.name == role; });
  return found == delegations_.end() ? nullptr : &*found;
}

bool DraftedTargets::delegates_to(std::string_view role) const { return find(role) != nullptr; }

DraftedTargets::Drafted& DraftedTargets::make(const std::string& role) {
  for (Drafted& drafted : delegations_) {
    if (drafted.delegation.name == role) return drafted;
  }
  if (!dialect_->may_delegate(role_, role)) {
    throw Error(Fault::usage,
                detail::joined("\"", printable(role, 80), "\" is no role that ", role_, " can delegate to"),
                "names of signers have lower-case letters, digits, - and _");
  }
  // The threshold that docker and Notary give to each delegation.
  delegations_.push_back({{}, {role, {{}, 1}, {}}});
  return delegations_.back();
}

void DraftedTargets::change(const std::string& role, const DelegationChange& change) {
  // Refused before anything is changed.
  for (const std::string& path : change.added_paths) require_clean("the path", path);
  Delegation& delegation = make(role).delegation;
  std::vector<std::string>& ids = delegation.role.key_ids;
  // By canonical id: a signer who goes takes all certificates of the key along.
  std::erase_if(ids,
                [&](const std::string& id) { return holds(change.removed_keys, keys_.find(id)->second.canonical_id); });
  // After the removals, so that one change can give a key another certificate.
  for (const ListedKey& key : change.added_keys) {
    keys_.insert_or_assign(key.key.id, key.key);
    key_texts_.insert_or_assign(key.key.id, key.text);
    if (!holds(ids, key.key.id)) ids.push_back(key.key.id);
  }
  std::erase_if(delegation.paths, [&](const std::string& path) { return holds(change.removed_paths, path); });
  for (const std::string& path : change.added_paths) {
    if (!holds(delegation.paths, path)) delegation.paths.push_back(path);
  }
  if (change.threshold) delegation.role.threshold = *change.threshold;
  forget_unused_keys();
}

bool DraftedTargets::remove_delegation(std::string_view role) {
  const std::size_t count =
      std::erase_if(delegations_, [&](const Drafted& drafted) { return drafted.delegation.name == role; });
  forget_unused_keys();
  return count != 0;
}

std::vector<std::string> DraftedTargets::delegations() const {
  std::vector<std::string> names;
  for (const Drafted& drafted : delegations_) names.push_back(drafted.delegation.name);
  return names;
}

RequiredSignatures DraftedTargets::required_signatures(std::string_view role) const {
  return {keys_, find(role)->delegation.role};
}

void DraftedTargets::forget_unused_keys() {
  // A key that stays listed would look like a signer's to those who read the document.
  std::set<std::string, std::less<>> used;
  for (const Drafted& drafted : delegations_) {
    used.insert(drafted.delegation.role.key_ids.begin(), drafted.delegation.role.key_ids.end());
  }
  std::erase_if(keys_, [&](const auto& key) { return used.count(key.first) == 0; });
  std::erase_if(key_texts_, [&](const auto& key) { return used.count(key.first) == 0; });
}

json::Value DraftedTargets::delegations_value() const {
  json::Array roles;
  for (const Drafted& drafted : delegations_) {
    const Delegation& delegation = drafted.delegation;
    Members text = drafted.others;
    text.insert_or_assign("name", value_of(std::string_view(delegation.name)));
    text.insert_or_assign("keyids", value_of(delegation.role.key_ids));
    text.insert_or_assign("threshold", value_of(delegation.role.threshold));
    text.erase("paths");  // docs/notary-v1.md, 1.3: an empty list is left out
    if (!delegation.paths.empty()) text.emplace("paths", value_of(delegation.paths));
    roles.push_back(value_of(text));
  }
  Members text = delegations_others_;
  text.insert_or_assign("keys", value_of(key_texts_));
  text.insert_or_assign("roles", json::Value(std::move(roles)));
  return value_of(text);
}

json::Value DraftedTargets::content(const SignedCommon& common) const {
  Members content = others_;
  set_common(*dialect_, Kind::targets, common, content);
  content.insert_or_assign("delegations", delegations_value());
  content.insert_or_assign("targets", value_of(targets_));
  return value_of(content);
}

}  // namespace hallmark::tuf
