// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/update.h"

#include <algorithm>
#include <iterator>

#include "trust/tuf/allowance.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/root_chain.h"
#include "trust/tuf/signatures.h"
#include "trust/tuf/state.h"

namespace hallmark::tuf {
namespace {

constexpr std::uint64_t kMostTimestampBytes = std::uint64_t{1} << 20U;
constexpr std::size_t kMostDelegations = 64;
/// Of a document that proves nothing: a higher one would leave too few numbers to those who sign honestly.
constexpr std::int64_t kMostClaimedVersion = std::int64_t{1} << 31U;

/// A delegated role that waits for its turn.
struct Pending {
  std::string parent;
  Delegation delegation;
};

}  // namespace

/// docs/notary-v1.md, 5 and 6, from top to bottom. Throws Refused.
class Updater {
 public:
  Updater(const Dialect& dialect, const Question& question, const TrustedMetadata& memory, MetadataSource& source,
          Time now)
      : dialect_(dialect), question_(question), memory_(&memory), source_(source, question.gun), now_(now) {}

  Outcome run();

 private:
  void take_root();
  void recall();
  void take_timestamp();
  void take_snapshot();
  void take_targets();
  void take_delegations();
  void take_delegation(const Pending& pending);
  [[nodiscard]] std::vector<std::string> usable_paths(const Pending& pending) const;
  [[nodiscard]] bool still_stands(const Pending& pending) const;
  void note_abandoned(const Pending& pending, const Envelope& envelope);
  Outcome finish();

  MetaListing accept_listing(Kind kind, const std::string& role, ByteView bytes);
  void accept_targets(const std::string& role, Targets targets, std::vector<std::string> paths);
  Bytes obtain(const std::string& role, const FileMeta& meta);
  Envelope open(const std::string& role, ByteView bytes) const;
  void require_threshold(const std::string& role, const Envelope& envelope) const;
  void require_version(const std::string& role, std::int64_t version) const;
  void require_unexpired(const std::string& role, Time expires) const;
  [[nodiscard]] std::string expiry_of(const std::string& role, Time expires) const;
  void remember(const std::string& role, const SignedCommon& common, const Role& signers, Bytes bytes);
  [[nodiscard]] const FileMeta* meta_of(const std::string& role) const;
  [[nodiscard]] bool was_listed(const std::string& role) const;
  [[nodiscard]] const Role& signers_of(const std::string& role) const { return root_.roles.find(role)->second; }
  void warn(std::string line) { warnings_.push_back(std::move(line)); }
  void pass_over(const std::string& role, const std::string& why) {
    unread_.insert(role);
    warn(role + " is passed over: " + why);
  }

  const Dialect& dialect_;
  const Question& question_;
  const TrustedMetadata* memory_;
  const TrustedMetadata forgotten_{};
  Allowance source_;
  Time now_;

  Root root_{};
  MetaListing timestamp_{};
  MetaListing snapshot_{};
  MetaListing last_snapshot_{};                  // only to know what it listed
  std::map<std::string, std::int64_t> least_;    // the least version that each role may have
  std::map<std::string, Keys> delegation_keys_;  // by the role that lists them
  std::vector<Pending> pending_;                 // the next one is at the back
  std::set<std::string> lost_;
  std::size_t delegation_count_ = 0;
  std::unique_ptr<VerifiedState> state_;
  TrustedMetadata learned_;
  std::vector<std::string> warnings_;
  std::map<std::string, std::int64_t> abandoned_;
  std::map<std::string, Bytes> passed_over_;
  std::set<std::string> unread_;  // delegations that were passed over
};

Outcome Updater::run() {
  try {
    take_root();
    recall();
    take_timestamp();
    take_snapshot();
    take_targets();
    take_delegations();
    return finish();
  } catch (const Refused& refused) {
    return {refused.refusal(), {}, std::move(warnings_)};
  }
}

void Updater::take_root() {
  ChainEnd end = reading("root", [&] { return RootChain(dialect_, question_, *memory_, source_, now_).find(); });
  if (!end.memory_counts) memory_ = &forgotten_;
  warnings_ = std::move(end.warnings);
  learned_.roots = std::move(end.roots);
  const Role& signers = end.root.signers();
  state_ = std::make_unique<VerifiedState>(
      VerifiedState{dialect_, question_.gun, signers.key_ids, signers.threshold, end.first_use, {}, {}, {}});
  remember("root", end.root.root.common, signers, std::move(end.root.bytes));
  root_ = std::move(end.root.root);
}

/// What the memory says about the least versions. Docker's cache has no record of them, but it has the files.
void Updater::recall() {
  for (const auto& [role, version] : memory_->versions) least_[role] = std::max(least_[role], version);
  for (const auto& [role, bytes] : memory_->files) {
    const bool is_known = memory_->versions.count(role) != 0;
    if (is_known && role != "snapshot") continue;
    try {
      const Envelope envelope = Envelope::read(dialect_, role, bytes);
      least_[role] = std::max(least_[role], envelope.content().at("version").integer());
      if (role == "snapshot") last_snapshot_ = read_listing(dialect_, Kind::snapshot, envelope.content());
    } catch (const Error& error) {
      if (error.fault() != Fault::corrupt) throw;
      warn("the remembered " + role + " cannot be read and is not used: " + error.what());
    }
  }
}

void Updater::take_timestamp() {
  const MetadataFile wanted{"timestamp", dialect_.file_name("timestamp"), kMostTimestampBytes};
  MetadataReply reply = ask(source_, wanted);
  // A bad one that was served is final: no remembered one may hide it.
  if (reply.kind == MetadataReply::Kind::found) {
    timestamp_ = accept_listing(Kind::timestamp, "timestamp", reply.bytes);
    return;
  }
  Refusal refusal = not_found(wanted, reply);
  const auto before = memory_->files.find("timestamp");
  const bool may_go_on = reply.kind == MetadataReply::Kind::missing || reply.kind == MetadataReply::Kind::unreachable;
  if (!may_go_on || !question_.cached_timestamp_allowed || before == memory_->files.end()) {
    throw Refused(std::move(refusal));
  }
  try {
    timestamp_ = accept_listing(Kind::timestamp, "timestamp", before->second);
  } catch (const Refused& refused) {
    refusal.detail += "; the remembered timestamp is of no use: " + refused.refusal().detail;
    throw Refused(std::move(refusal));
  }
  warn(refusal.detail + "; using the remembered timestamp, version " + std::to_string(timestamp_.common.version) +
       ", which is good until " + to_text(timestamp_.common.expires) + ": there may be newer trust data");
}

void Updater::take_snapshot() {
  const FileMeta& meta = timestamp_.meta.find(dialect_.meta_name("snapshot"))->second;
  const Bytes bytes = obtain("snapshot", meta);
  snapshot_ = accept_listing(Kind::snapshot, "snapshot", bytes);
  // Mix and match: the snapshot says which root it belongs to.
  if (const FileMeta* root = meta_of("root")) {
    const FileCheck fit = compare(*root, learned_.files.at("root"));
    if (!fit.fits) {
      refuse(Refusal::Kind::hash_mismatch, "root",
             "the root of " + question_.gun + " is not the one that its snapshot lists: " + fit.difference,
             "if the publisher is just changing it, try again; otherwise this may be an attack");
    }
  }
}

void Updater::take_targets() {
  Bytes bytes = obtain("targets", *meta_of("targets"));
  const Envelope envelope = open("targets", bytes);
  require_threshold("targets", envelope);
  Targets targets = reading("targets", [&] { return read_targets(dialect_, "targets", envelope.content()); });
  require_version("targets", targets.common.version);
  require_unexpired("targets", targets.common.expires);
  remember("targets", targets.common, signers_of("targets"), std::move(bytes));
  accept_targets("targets", std::move(targets), {""});
}

void Updater::take_delegations() {
  while (!pending_.empty()) {
    const Pending next = std::move(pending_.back());
    pending_.pop_back();
    if (++delegation_count_ > kMostDelegations) {
      refuse(Refusal::Kind::too_many_delegations, "",
             question_.gun + " has more than " + std::to_string(kMostDelegations) + " delegated roles",
             "a repository with so many signers is not supported");
    }
    take_delegation(next);
  }
  if (!lost_.empty()) {
    refuse(Refusal::Kind::snapshot_dropped_role, *lost_.begin(),
           "the snapshot of " + question_.gun + " listed " + *lost_.begin() +
               " before and does not list it any more, but its parent still delegates to it",
           "somebody hides what these signers say; this may be an attack");
  }
}

void Updater::take_delegation(const Pending& pending) {
  const Delegation& delegation = pending.delegation;
  const std::string& role = delegation.name;
  const FileMeta* meta = meta_of(role);
  if (meta == nullptr) {
    if (was_listed(role)) {
      lost_.insert(role);
    } else {
      warn(role + " has signed nothing yet");
    }
    return;
  }
  // Before it is judged: what was listed must stay listed, also while it is passed over.
  learned_.delegations.insert(role);
  if (delegation.role.key_ids.empty()) return pass_over(role, "it has no keys");
  Bytes bytes = obtain(role, *meta);
  const Envelope envelope = open(role, bytes);
  const ThresholdResult signatures = reading(
      role, [&] { return verify_role(dialect_, envelope, delegation_keys_.at(pending.parent), delegation.role); });
  if (!signatures.met) {
    if (still_stands(pending)) {
      refuse(Refusal::Kind::bad_signature, role,
             role + " of " + question_.gun + " has " + signatures.count +
                 ", while the file of last time is still good under the same keys",
             "somebody hides what these signers say; this may be an attack");
    }
    note_abandoned(pending, envelope);
    passed_over_.emplace(role, std::move(bytes));
    return pass_over(role, "it has " + signatures.count);
  }
  Targets targets = reading(role, [&] { return read_targets(dialect_, role, envelope.content()); });
  // Before its end: an old file that has expired is a rollback, and not only passed over.
  require_version(role, targets.common.version);
  if (dialect_.has_expired(targets.common.expires, now_)) {
    passed_over_.emplace(role, std::move(bytes));
    return pass_over(role, expiry_of(role, targets.common.expires));
  }
  remember(role, targets.common, delegation.role, std::move(bytes));
  accept_targets(role, std::move(targets), usable_paths(pending));
}

/// What is outside of the parent's paths never counts.
std::vector<std::string> Updater::usable_paths(const Pending& pending) const {
  const std::vector<std::string>& parent_paths = state_->usable.at(pending.parent).paths;
  std::vector<std::string> paths;
  std::copy_if(pending.delegation.paths.begin(), pending.delegation.paths.end(), std::back_inserter(paths),
               [&](const std::string& path) {
                 return std::any_of(parent_paths.begin(), parent_paths.end(),
                                    [&](const std::string& parent) { return dialect_.stays_within(parent, path); });
               });
  return paths;
}

/// Whether the keys that count for the delegation now signed the file of last time. Whoever holds the key of the
/// snapshot can list any file for a role; only its signers can replace what they said.
bool Updater::still_stands(const Pending& pending) const {
  const auto before = memory_->files.find(pending.delegation.name);
  if (before == memory_->files.end()) return false;
  try {
    const Envelope envelope = Envelope::read(dialect_, pending.delegation.name, before->second);
    return verify_role(dialect_, envelope, delegation_keys_.at(pending.parent), pending.delegation.role).met;
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return false;
  }
}

void Updater::note_abandoned(const Pending& pending, const Envelope& envelope) {
  const Delegation& delegation = pending.delegation;
  if (!signing_keys(dialect_, envelope, delegation_keys_.at(pending.parent), delegation.role.key_ids).empty()) return;
  try {
    const std::int64_t version = envelope.content().at("version").integer();
    if (version >= 1 && version <= kMostClaimedVersion) abandoned_.emplace(delegation.name, version);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
  }
}

Outcome Updater::finish() {
  learned_.versions = least_;
  for (const auto& [role, state] : state_->roles) {
    learned_.versions[role] = std::max(learned_.versions[role], state.version);
  }
  // What a parent that was passed over delegates was not looked at, and is to be missed when the parent counts again.
  const auto is_out_of_sight = [this](const std::string& role) {
    return std::any_of(unread_.begin(), unread_.end(),
                       [&](const auto& parent) { return role.starts_with(parent + "/"); });
  };
  for (const std::string& role : memory_->delegations) {
    if (meta_of(role) != nullptr || is_out_of_sight(role)) learned_.delegations.insert(role);
  }
  for (const auto& [role, bytes] : memory_->files) {
    if (is_out_of_sight(role)) learned_.files.emplace(role, bytes);
  }
  return {Repository(std::move(state_)), std::move(learned_), std::move(warnings_), std::move(abandoned_),
          std::move(passed_over_)};
}

MetaListing Updater::accept_listing(Kind kind, const std::string& role, ByteView bytes) {
  const Envelope envelope = open(role, bytes);
  require_threshold(role, envelope);
  MetaListing listing = reading(role, [&] { return read_listing(dialect_, kind, envelope.content()); });
  require_version(role, listing.common.version);
  require_unexpired(role, listing.common.expires);
  remember(role, listing.common, signers_of(role), Bytes(bytes.begin(), bytes.end()));
  return listing;
}

void Updater::accept_targets(const std::string& role, Targets targets, std::vector<std::string> paths) {
  UsableRole usable{std::move(paths), std::move(targets.targets), {}};
  for (const Delegation& delegation : targets.delegations) {
    usable.children.push_back(delegation.name);
    DelegatedRole listed{{}, delegation.paths, delegation.role.threshold};
    for (const std::string& id : delegation.role.key_ids) {
      listed.key_ids.push_back(targets.keys.find(id)->second.canonical_id);
    }
    state_->delegations.insert_or_assign(delegation.name, std::move(listed));
  }
  // Pre-order (docs/notary-v1.md, 6.4): the first child is the next to be taken.
  for (auto child = targets.delegations.rbegin(); child != targets.delegations.rend(); ++child) {
    pending_.push_back({role, std::move(*child)});
  }
  delegation_keys_[role] = std::move(targets.keys);
  state_->usable.insert_or_assign(role, std::move(usable));
}

/// The file that the listing above it describes: the remembered one when it fits, so that nothing is fetched.
Bytes Updater::obtain(const std::string& role, const FileMeta& meta) {
  const auto before = memory_->files.find(role);
  if (before != memory_->files.end() && compare(meta, before->second).fits) {
    source_.count(before->second.size());
    return before->second;
  }
  const MetadataFile wanted{role, dialect_.file_name(role, meta.digests.front()), meta.length};
  MetadataReply reply = ask(source_, wanted);
  if (reply.kind != MetadataReply::Kind::found) throw Refused(not_found(wanted, reply));
  const FileCheck fit = compare(meta, reply.bytes);
  if (!fit.fits) {
    refuse(Refusal::Kind::hash_mismatch, role, wanted.file + " is not the file that was signed for: " + fit.difference,
           "the file was changed, on the server or on the way; this may be an attack");
  }
  return std::move(reply.bytes);
}

Envelope Updater::open(const std::string& role, ByteView bytes) const {
  return reading(role, [&] { return Envelope::read(dialect_, role, bytes); });
}

void Updater::require_threshold(const std::string& role, const Envelope& envelope) const {
  const auto signatures = reading(role, [&] { return verify_role(dialect_, envelope, root_.keys, signers_of(role)); });
  if (!signatures.met) {
    refuse(Refusal::Kind::bad_signature, role, role + " of " + question_.gun + " has " + signatures.count,
           "it was changed after it was signed, or signed by somebody else; this may be an attack");
  }
}

void Updater::require_version(const std::string& role, std::int64_t version) const {
  const auto least = least_.find(role);
  if (least == least_.end() || version >= least->second) return;
  refuse(Refusal::Kind::rollback, role,
         role + " of " + question_.gun + " has version " + std::to_string(version) + ", version " +
             std::to_string(least->second) + " was accepted before",
         "the trust server serves old data; this may be an attack");
}

std::string Updater::expiry_of(const std::string& role, Time expires) const {
  return role + " of " + question_.gun + " has expired at " + to_text(expires) + ", it is now " + to_text(now_);
}

void Updater::require_unexpired(const std::string& role, Time expires) const {
  if (!dialect_.has_expired(expires, now_)) return;
  refuse(Refusal::Kind::expired, role, expiry_of(role, expires),
         role == "timestamp" ? "the trust server must sign a new timestamp; check also the clock of this machine"
                             : "the publisher must sign again; check also the clock of this machine");
}

void Updater::remember(const std::string& role, const SignedCommon& common, const Role& signers, Bytes bytes) {
  state_->roles.insert_or_assign(role, RoleState{common.version, common.expires, signers.key_ids, signers.threshold});
  learned_.files.insert_or_assign(role, std::move(bytes));
}

const FileMeta* Updater::meta_of(const std::string& role) const {
  const auto found = snapshot_.meta.find(dialect_.meta_name(role));
  return found == snapshot_.meta.end() ? nullptr : &found->second;
}

bool Updater::was_listed(const std::string& role) const {
  return memory_->delegations.count(role) != 0 || last_snapshot_.meta.count(dialect_.meta_name(role)) != 0;
}

Outcome update(const Dialect& dialect, const Question& question, const TrustedMetadata& memory, MetadataSource& source,
               Time now) {
  return Updater(dialect, question, memory, source, now).run();
}

}  // namespace hallmark::tuf
