// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/edit/draft.h"

#include <algorithm>
#include <array>

#include "trust/error.h"
#include "trust/tuf/signatures.h"

namespace hallmark::tuf {
namespace {

constexpr std::array<std::string_view, 4> kTopRoles{"root", "targets", "snapshot", "timestamp"};

bool is_top_role(std::string_view role) {
  return std::find(kTopRoles.begin(), kTopRoles.end(), role) != kTopRoles.end();
}

bool is_listing(std::string_view role) { return role == "snapshot" || role == "timestamp"; }

/// Empty for a role without a slash.
std::string parent_name(const std::string& role) {
  const std::size_t slash = role.rfind('/');
  return slash == std::string::npos ? std::string() : role.substr(0, slash);
}

/// With the slash: "targets/ab" is not below "targets/a".
bool is_below(std::string_view role, std::string_view above) {
  return role.size() > above.size() && role.starts_with(above) && role[above.size()] == '/';
}

Kind kind_of(std::string_view role) {
  if (role == "root") return Kind::root;
  if (role == "snapshot") return Kind::snapshot;
  return role == "timestamp" ? Kind::timestamp : Kind::targets;
}

/// A role that nobody could ever sign is not written.
void require_reachable(const std::string& title, const RequiredSignatures& required) {
  const std::size_t keys = canonical_ids(required).size();
  if (required.role.threshold >= 1 && required.role.threshold <= static_cast<std::int64_t>(keys)) return;
  throw Error(Fault::usage,
              detail::joined(title, " would need ", required.role.threshold, " signatures and has ", keys, " keys"),
              "the threshold is at least 1 and at most the number of keys; a role without signers is to be removed");
}

NeededKeys need_of(const std::string& role, const RequiredSignatures& required, bool may_be_left) {
  return {role, canonical_ids(required), required.role.threshold, may_be_left};
}

}  // namespace

Draft Draft::first(const Dialect& dialect, std::string gun, const FirstKeys& keys) {
  Draft draft(dialect, std::move(gun), DraftedRoot(dialect));
  // rotate() refuses keys that no reader would count, so no repository begins with them.
  draft.rotate("root", keys.root);
  draft.rotate("targets", keys.targets);
  draft.rotate("snapshot", keys.snapshot);
  draft.rotate("timestamp", keys.timestamp);
  draft.targets_.emplace("targets", DraftedTargets(dialect, "targets"));
  return draft;
}

Draft Draft::open(const Dialect& dialect, std::string gun, const TrustedMetadata& current) {
  const auto read = [&](const std::string& role) {
    const auto file = current.files.find(role);
    if (file == current.files.end()) fail(Fault::corrupt, role, " of ", gun, " is not there");
    return within(role + " of " + gun, [&] { return Envelope::read(dialect, role, file->second); });
  };
  const Envelope root = read("root");
  Draft draft(dialect, gun, within("root of " + gun, [&] { return DraftedRoot(dialect, root.content()); }));
  // Readers know this root: they take the next one only with the signatures of its keys (docs/notary-v1.md, 8.2).
  draft.former_root_ = draft.root_;
  draft.files_ = current.files;
  draft.versions_ = current.versions;
  draft.versions_["root"] = root.content().at("version").integer();  // the next one follows the one that is there
  for (const auto& file : current.files) {
    if (file.first != "root") draft.take(file.first, read(file.first).content());
  }
  if (draft.targets_.count("targets") == 0) static_cast<void>(read("targets"));  // says what is wrong
  return draft;
}

void Draft::take(const std::string& role, const json::Object& content) {
  within(title(role), [&] {
    if (is_listing(role)) {
      // Only to be checked. Written on is the text, with members that this version does not know.
      static_cast<void>(read_listing(*dialect_, kind_of(role), content));
      listings_.emplace(role, members_of(content));
    } else {
      targets_.emplace(role, DraftedTargets(*dialect_, role, content));
    }
    std::int64_t& version = versions_[role];
    // Of the file and the memory the higher one: readers refuse what lies below either.
    version = std::max(version, content.at("version").integer());
  });
}

DraftedTargets& Draft::parent_of(const std::string& role) {
  const std::string parent = parent_name(role);
  if (is_known(parent)) return editable(parent);
  throw Error(Fault::usage, detail::joined("\"", printable(role, 80), "\" is no role of ", gun_),
              "delegations are called targets/NAME, and what is above one must be there first");
}

bool Draft::is_known(const std::string& role) const {
  if (role == "targets") return true;
  const auto parent = targets_.find(parent_name(role));
  return parent != targets_.end() && parent->second.delegates_to(role);
}

bool Draft::is_listed(const std::string& role) const {
  const auto snapshot = listings_.find("snapshot");
  return snapshot != listings_.end() && snapshot->second.at("meta").object().find(dialect_->meta_name(role)) != nullptr;
}

bool Draft::is_out_of_reach(const std::string& role) const {
  // A version that is known without a document says that the role begins anew above it.
  return !is_top_role(role) && targets_.count(role) == 0 && versions_.count(role) == 0 && is_listed(role);
}

void Draft::fail_not_at_hand(const std::string& role) const {
  throw Error(Fault::usage, title(role) + " was signed before, but its document is not at hand",
              "readers pass over it: renew it if it has expired; if too few of its keys signed it, its owner must "
              "lower the threshold first");
}

DraftedTargets& Draft::editable(const std::string& role) {
  if (!is_known(role)) fail(Fault::usage, gun_, " has no role \"", printable(role, 80), "\" that names targets");
  const auto found = targets_.find(role);
  if (found != targets_.end()) return found->second;
  // What is not at hand cannot be continued: its tags would be lost, and its version would be refused.
  if (is_out_of_reach(role)) fail_not_at_hand(role);
  return targets_.emplace(role, DraftedTargets(*dialect_, role)).first->second;
}

void Draft::set_target(const std::string& role, const std::string& name, const NewTarget& target) {
  editable(role).set(name, target);
  changed_.insert(role);
}

bool Draft::remove_target(const std::string& role, const std::string& name) {
  if (!editable(role).remove(name)) return false;
  changed_.insert(role);
  return true;
}

void Draft::forget(const std::string& role) {
  const auto is_gone = [&](const std::string& other) { return other == role || is_below(other, role); };
  std::erase_if(targets_, [&](const auto& document) { return is_gone(document.first); });
  // The versions stay: who makes the role anew must write above what readers remember of it.
  std::erase_if(files_, [&](const auto& file) { return is_gone(file.first); });
  std::erase_if(changed_, is_gone);
}

void Draft::change_delegation(const std::string& role, const DelegationChange& change) {
  DraftedTargets& parent = parent_of(role);
  const bool is_new = !parent.delegates_to(role);
  parent.change(role, change);
  // Else its new signers would sign what those of the same name have said before them.
  if (is_new) forget(role);
  // Its threshold is judged when all is signed: keys may still be added to it by further changes.
  touched_.insert(role);
  changed_.insert(parent_name(role));
}

bool Draft::remove_delegation(const std::string& role) {
  if (!parent_of(role).remove_delegation(role)) return false;
  forget(role);
  changed_.insert(parent_name(role));
  return true;
}

void Draft::require_usable(const std::string& role, const RoleKeys& keys) const {
  for (const ListedKey& key : keys.keys) {
    // Readers would never count it, and a threshold would look as if it could be met.
    if (!key.key.material) fail(Fault::usage, title(role), ": key ", key.key.id, " is of no kind that can be used");
    if (role != "root") continue;
    // Under a root whose own keys may not sign it, nobody reads the repository any more, and nobody can mend it.
    const RootKeyStanding standing = dialect_->root_key(key.key, gun_);
    if (!standing.eligible) fail(Fault::usage, title(role), ": key ", key.key.id, " ", standing.why_not);
  }
}

void Draft::rotate(const std::string& role, const RoleKeys& keys) {
  if (!is_top_role(role)) {
    throw Error(Fault::usage, detail::joined("the keys of \"", printable(role, 80), "\" do not stand in the root"),
                "keys of delegations are added and removed one by one");
  }
  require_usable(role, keys);
  root_.assign(role, keys);
  require_reachable(title(role), root_.required_signatures(role));
  changed_.insert("root");
  // What the former key signed is good for nothing under the new root. Snapshot and timestamp are signed anew anyway.
  if (role == "targets") changed_.insert(role);
}

void Draft::renew(const std::string& role) {
  if (!is_top_role(role)) {
    // Signed again from nothing it would lose all that it names.
    const bool was_signed = versions_.count(role) != 0 || is_listed(role);
    if (is_known(role) && targets_.count(role) == 0 && was_signed) fail_not_at_hand(role);
    static_cast<void>(editable(role));
  }
  changed_.insert(role);
}

RequiredSignatures Draft::required_signatures(const std::string& role) const {
  return is_top_role(role) ? root_.required_signatures(role) : targets_.at(parent_name(role)).required_signatures(role);
}

NeededKeys Draft::signers(const std::string& role) const {
  if (!is_top_role(role) && !is_known(role)) fail(Fault::usage, gun_, " has no role \"", printable(role, 80), "\"");
  return need_of(role, required_signatures(role), false);
}

std::vector<NeededKeys> Draft::needed_keys() const {
  std::vector<NeededKeys> needed;
  if (changed_.empty()) return needed;
  if (changed_.count("root") != 0) {
    const NeededKeys next = need_of("root", root_.required_signatures("root"), false);
    if (former_root_) {
      const NeededKeys former = need_of("root", former_root_->required_signatures("root"), false);
      // One key under a new certificate signs once, for both.
      if (former.canonical_ids != next.canonical_ids || former.threshold != next.threshold) needed.push_back(former);
    }
    needed.push_back(next);
  }
  for (const auto& document : targets_) {
    if (changed_.count(document.first) != 0)
      needed.push_back(need_of(document.first, required_signatures(document.first), false));
  }
  // A new snapshot has to list whatever else was changed.
  const bool only_timestamp = changed_.size() == 1 && changed_.count("timestamp") != 0;
  if (!only_timestamp) {
    needed.push_back(need_of("snapshot", root_.required_signatures("snapshot"), changed_.count("snapshot") == 0));
  }
  needed.push_back(need_of("timestamp", root_.required_signatures("timestamp"), changed_.count("timestamp") == 0));
  return needed;
}

std::vector<NeededKeys> Draft::undersigned() const {
  std::vector<NeededKeys> roles;
  for (const auto& [role, bytes] : files_) {
    if (is_top_role(role) || changed_.count(role) != 0 || !is_known(role)) continue;
    const RequiredSignatures signers = required_signatures(role);
    // Counted as readers count, since they are the ones who pass it over.
    if (!verify_role(*dialect_, Envelope::read(*dialect_, role, bytes), signers.keys, signers.role).met) {
      roles.push_back(need_of(role, signers, false));
    }
  }
  return roles;
}

SignedCommon Draft::next_common(const std::string& role, Kind kind, Time now) const {
  const auto known = versions_.find(role);
  // Above all that is known: the same version with other content would look like two histories.
  return {known == versions_.end() ? 1 : known->second + 1, now + dialect_->lifetime(kind)};
}

void Draft::require_reachable_delegations() const {
  for (const auto& [role, document] : targets_) {
    if (changed_.count(role) == 0) continue;
    for (const std::string& child : document.delegations()) {
      // What this draft did not change may be out of reach already: that must not keep others from signing.
      if (touched_.count(child) != 0) require_reachable(title(child), document.required_signatures(child));
    }
  }
}

std::map<std::string, Bytes> Draft::sign(const KeyRing& ring, Time now) const {
  // Before the first signature: a draft is signed as a whole or not at all.
  require_reachable_delegations();
  std::map<std::string, Bytes> signed_now;
  if (changed_.count("root") != 0) {
    std::vector<RequiredSignatures> all_required{root_.required_signatures("root")};
    if (former_root_) all_required.push_back(former_root_->required_signatures("root"));
    const json::Value content = root_.content(next_common("root", Kind::root, now));
    signed_now.emplace("root", sign_document(*dialect_, title("root"), content, all_required, ring));
  }
  for (const auto& [role, document] : targets_) {
    if (changed_.count(role) == 0) continue;
    const json::Value content = document.content(next_common(role, Kind::targets, now));
    signed_now.emplace(role, sign_document(*dialect_, title(role), content, {required_signatures(role)}, ring));
  }
  // After what it lists, whose hashes it needs; the timestamp comes after the snapshot for the same reason.
  if (is_listing_due("snapshot", !signed_now.empty(), ring)) {
    signed_now.emplace("snapshot", sign_listing("snapshot", signed_now, ring, now));
  }
  // Whoever signs the snapshot signs the timestamp over it. One that is signed here would list the old snapshot.
  const bool snapshot_is_left = signed_now.count("snapshot") == 0 && !signed_now.empty();
  if (snapshot_is_left && changed_.count("timestamp") != 0) {
    fail(Fault::usage, title("timestamp"), " cannot be signed while the snapshot before it is left to the server");
  }
  if (!snapshot_is_left && is_listing_due("timestamp", !signed_now.empty(), ring)) {
    signed_now.emplace("timestamp", sign_listing("timestamp", signed_now, ring, now));
  }
  return signed_now;
}

bool Draft::is_listing_due(const std::string& role, bool contents_changed, const KeyRing& ring) const {
  if (changed_.count(role) != 0) return true;
  const RequiredSignatures signers = root_.required_signatures(role);
  // With too few keys it is the trust server's to sign (docs/notary-v1.md, 8.4).
  return contents_changed && static_cast<std::int64_t>(at_hand(signers, ring)) >= signers.role.threshold;
}

/// Entries of removed delegations stay, as the trust server leaves them: to a reader who comes from before, a
/// delegation that was made anew and is not listed would look like one that somebody hides.
Members Draft::snapshot_meta(Members meta, const std::map<std::string, Bytes>& changed) const {
  for (const auto& [role, bytes] : changed)
    meta.insert_or_assign(dialect_->meta_name(role), file_meta(*dialect_, bytes));
  for (const auto& [role, bytes] : files_) {
    // Nobody lists the listings themselves here, nor a document that no delegation leads to.
    const bool is_listed = role == "root" || (!is_top_role(role) && is_known(role)) || role == "targets";
    if (is_listed && meta.count(dialect_->meta_name(role)) == 0) {
      meta.emplace(dialect_->meta_name(role), file_meta(*dialect_, bytes));
    }
  }
  return meta;
}

Bytes Draft::sign_listing(const std::string& role, const std::map<std::string, Bytes>& changed, const KeyRing& ring,
                          Time now) const {
  const auto before = listings_.find(role);
  Members content = before == listings_.end() ? Members{} : before->second;
  Members meta = content.count("meta") == 0 ? Members{} : members_of(content.at("meta"));
  if (role == "snapshot") {
    meta = snapshot_meta(std::move(meta), changed);
  } else {
    const auto next = changed.find("snapshot");
    const auto former = files_.find("snapshot");
    if (next == changed.end() && former == files_.end()) {
      fail(Fault::usage, title(role), " cannot be signed: there is no snapshot for it to list");
    }
    const Bytes& snapshot = next == changed.end() ? former->second : next->second;
    meta.insert_or_assign(dialect_->meta_name("snapshot"), file_meta(*dialect_, snapshot));
  }
  content.insert_or_assign("meta", value_of(meta));
  set_common(*dialect_, kind_of(role), next_common(role, kind_of(role), now), content);
  return sign_document(*dialect_, title(role), value_of(content), {root_.required_signatures(role)}, ring);
}

}  // namespace hallmark::tuf
