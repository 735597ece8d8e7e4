// SPDX-License-Identifier: Apache-2.0
//
// The next edition of a repository's trust data: opened from the documents of now, or begun; changed; signed in one
// act. Pure as the rest of the room: keys and time are given, and the caller publishes what comes out.
//
// A draft does not judge what it is opened from, and looks at no date: the documents are those that update() accepted,
// or, to renew what has expired, those that the publisher knows to be his. It refuses to write what update() would
// refuse to read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/time.h"
#include "trust/tuf/edit/key_entry.h"
#include "trust/tuf/edit/root_draft.h"
#include "trust/tuf/edit/targets_draft.h"
#include "trust/tuf/update.h"

namespace hallmark::tuf {

/// The keys of a new repository. Those of the root are certificates that name it; those of the snapshot and the
/// timestamp are the publisher's or the trust server's.
struct FirstKeys {
  RoleKeys root;
  RoleKeys targets;
  RoleKeys snapshot;
  RoleKeys timestamp;
};

/// What must be signed, by whom.
struct NeededKeys {
  std::string role;
  std::vector<std::string> canonical_ids;  ///< keys that count
  std::int64_t threshold;                  ///< how many of them must sign
  bool may_be_left;  ///< to the trust server: a snapshot or timestamp that nobody asked for by name
};

class Draft {
 public:
  /// Fault::usage for keys that could not sign: certificates of another name, fewer keys than the threshold.
  static Draft first(const Dialect& dialect, std::string gun, const FirstKeys& keys);
  /// Of `current` the files and the versions are used; a role's next version is above both. Root and targets must be
  /// there. A delegation's document goes on from its file; when only its version is known it begins anew above that.
  /// Fault::corrupt for a document that cannot be read.
  static Draft open(const Dialect& dialect, std::string gun, const TrustedMetadata& current);

  /// `role` is "targets" or a delegation. A delegation that has signed nothing yet begins with its first target.
  void set_target(const std::string& role, const std::string& name, const NewTarget& target);
  /// False, and nothing changes, when the role does not have the name.
  bool remove_target(const std::string& role, const std::string& name);

  /// Makes or changes a delegation in the document of its parent. One that is made anew begins empty, whatever stood
  /// under its name before.
  void change_delegation(const std::string& role, const DelegationChange& change);
  /// With all that is below it. False when there is none of this name.
  bool remove_delegation(const std::string& role);

  /// New keys, or another threshold, for root, targets, snapshot or timestamp. A new root is signed by the old keys,
  /// too.
  void rotate(const std::string& role, const RoleKeys& keys);
  /// Signs a role again as it is: a later expiry, and the signatures that its keys of now owe. Fault::usage for a
  /// delegation that was signed before and is not at hand: it would be emptied.
  void renew(const std::string& role);

  /// Whether the delegation was signed before, its document is not at hand, and nothing says that it begins anew: it
  /// can be neither changed nor renewed, since what it says would be lost.
  [[nodiscard]] bool is_out_of_reach(const std::string& role) const;
  /// Who signs a role by this draft; its parent must be there.
  [[nodiscard]] NeededKeys signers(const std::string& role) const;
  /// Asked before anything is signed. A rotated root is there twice: by its old keys and by its new ones.
  [[nodiscard]] std::vector<NeededKeys> needed_keys() const;
  /// Delegations whose documents the keys of this draft have not signed in sufficient number: readers pass over them
  /// until somebody renews them.
  [[nodiscard]] std::vector<NeededKeys> undersigned() const;

  /// The changed documents by role, one version up. Snapshot and timestamp are among them when enough of their keys are
  /// in the ring. Fault::usage when keys are missing for another, or there are fewer keys than a threshold asks: then
  /// nothing was signed. Empty when nothing was changed.
  [[nodiscard]] std::map<std::string, Bytes> sign(const KeyRing& ring, Time now) const;

 private:
  Draft(const Dialect& dialect, std::string gun, DraftedRoot root)
      : dialect_(&dialect), gun_(std::move(gun)), root_(std::move(root)) {}

  void take(const std::string& role, const json::Object& content);
  DraftedTargets& editable(const std::string& role);
  DraftedTargets& parent_of(const std::string& role);
  [[nodiscard]] bool is_known(const std::string& role) const;
  [[nodiscard]] bool is_listed(const std::string& role) const;
  [[noreturn]] void fail_not_at_hand(const std::string& role) const;
  void forget(const std::string& role);
  void require_usable(const std::string& role, const RoleKeys& keys) const;
  [[nodiscard]] RequiredSignatures required_signatures(const std::string& role) const;
  [[nodiscard]] SignedCommon next_common(const std::string& role, Kind kind, Time now) const;
  [[nodiscard]] std::string title(const std::string& role) const { return role + " of " + gun_; }

  void require_reachable_delegations() const;
  [[nodiscard]] bool is_listing_due(const std::string& role, bool contents_changed, const KeyRing& ring) const;
  [[nodiscard]] Bytes sign_listing(const std::string& role, const std::map<std::string, Bytes>& changed,
                                   const KeyRing& ring, Time now) const;
  [[nodiscard]] Members snapshot_meta(Members meta, const std::map<std::string, Bytes>& changed) const;

  const Dialect* dialect_;
  std::string gun_;
  DraftedRoot root_;
  std::optional<DraftedRoot> former_root_;         // what it was opened from
  std::map<std::string, DraftedTargets> targets_;  // the top role and delegations
  std::map<std::string, Members> listings_;        // snapshot and timestamp as they were
  std::map<std::string, Bytes> files_;
  std::map<std::string, std::int64_t> versions_;  // the highest known
  std::set<std::string> changed_;
  std::set<std::string> touched_;  // delegations whose keys, paths or threshold were changed
};

}  // namespace hallmark::tuf
