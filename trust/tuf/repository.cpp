// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/repository.h"

#include <algorithm>
#include <deque>
#include <set>

#include "trust/tuf/state.h"

namespace hallmark::tuf {
namespace {

/// The paths are those that the role's parents left it: update() has cut them down.
bool admits(const VerifiedState& state, const UsableRole& role, std::string_view name) {
  return std::any_of(role.paths.begin(), role.paths.end(),
                     [&](const std::string& path) { return state.dialect.covers(path, name); });
}

Target target_of(const TargetTable::Entry& entry, const std::string& role) {
  Target target{std::string(entry.name), role, std::nullopt, entry.length, {}};
  for (const Digest& digest : entry.digests) {
    if (digest.algorithm() == Algorithm::sha256) {
      target.digest = digest;
    } else {
      target.other_digests.push_back(digest);
    }
  }
  return target;
}

const UsableRole* find_role(const VerifiedState& state, const std::string& name) {
  const auto found = state.usable.find(name);
  return found == state.usable.end() ? nullptr : &found->second;
}

/// The first hit in the subtree, breadth first; a role that is asked by itself is passed over with its subtree.
std::optional<Target> search(const VerifiedState& state, const std::string& tag, const std::string& start,
                             const std::vector<std::string>& asked) {
  std::deque<std::string> queue{start};
  for (; !queue.empty(); queue.pop_front()) {
    // A reference into a deque stays good while more is put behind it.
    const std::string& name = queue.front();
    const UsableRole* role = find_role(state, name);
    // The subtree is not asked either: paths of a child lie within those of its parent.
    if (role == nullptr || !admits(state, *role, tag)) continue;
    // As docker's client does: "targets/releases" is no part of the search below "targets".
    if (name != start && std::find(asked.begin(), asked.end(), name) != asked.end()) continue;
    if (const auto entry = role->targets.find(tag)) return target_of(*entry, name);
    for (const std::string& child : role->children) queue.push_back(child);
  }
  return std::nullopt;
}

template <class Visit>
void for_each_target(const VerifiedState& state, const std::string& name, Visit visit) {
  const UsableRole* role = find_role(state, name);
  if (role == nullptr) return;
  for (std::size_t i = 0; i < role->targets.size(); ++i) {
    const TargetTable::Entry entry = role->targets.at(i);
    // A role can write any name down; what its paths do not admit is in no list.
    if (admits(state, *role, entry.name)) visit(target_of(entry, name));
  }
}

}  // namespace

Repository::Repository(std::unique_ptr<const VerifiedState> state) : state_(std::move(state)) {}
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;
Repository::~Repository() = default;

const std::string& Repository::gun() const { return state_->gun; }
const std::vector<std::string>& Repository::root_key_ids() const { return state_->root_key_ids; }
std::int64_t Repository::root_threshold() const { return state_->root_threshold; }
bool Repository::first_use() const { return state_->first_use; }
const std::map<std::string, RoleState>& Repository::roles() const { return state_->roles; }
const std::map<std::string, DelegatedRole>& Repository::delegations() const { return state_->delegations; }

Lookup Repository::find(const std::string& tag, const std::vector<std::string>& roles) const {
  for (const std::string& role : roles) {
    std::optional<Target> hit = search(*state_, tag, role, roles);
    if (!hit) continue;
    // docs/notary-v1.md, 7: the first hit ends the search, also when its role does not count.
    if (std::find(roles.begin(), roles.end(), hit->role) == roles.end()) return {std::nullopt, hit->role};
    return {std::move(hit), {}};
  }
  return {std::nullopt, {}};
}

std::vector<Target> Repository::list(const std::vector<std::string>& roles) const {
  std::vector<Target> targets;
  std::set<std::string> names;
  for (const std::string& role : roles) {
    for_each_target(*state_, role, [&](Target target) {
      if (names.insert(target.name).second) targets.push_back(std::move(target));
    });
  }
  return targets;
}

std::vector<Target> Repository::all() const {
  std::vector<Target> targets;
  for (const auto& role : state_->usable) {
    for_each_target(*state_, role.first, [&](Target target) { targets.push_back(std::move(target)); });
  }
  return targets;
}

}  // namespace hallmark::tuf
