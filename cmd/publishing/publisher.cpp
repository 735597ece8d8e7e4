// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/publisher.h"

#include <algorithm>

#include "cmd/publishing/signer.h"
#include "registry/metadata/notary.h"
#include "registry/metadata/open_trust.h"
#include "registry/oci/file_url.h"
#include "trust/crypto/self_signed.h"
#include "trust/error.h"
#include "trust/text.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/policy/line.h"

namespace hallmark::cmd {
namespace {

/// Each time somebody else has published in between.
constexpr int kTries = 20;
/// docker's and notary's lifetime of a root certificate.
constexpr std::chrono::hours kTenYears{24 * 3650};

}  // namespace

Publisher::Publisher(const Environment& environment, const registry::Settings& settings, const Reference& repository,
                     TrustBasis basis)
    : Publisher(environment, settings, repository, std::move(basis), registry::TrustAccess::publish) {}

Publisher::Publisher(const Environment& environment, const registry::Settings& settings, const Reference& repository,
                     TrustBasis basis, registry::TrustAccess access)
    : environment_(environment),
      gun_(repository.gun()),
      memory_(std::move(basis.memory)),
      anchor_(std::move(basis.anchor)),
      address_(registry::trust_server_for(repository, settings.trust_server)),
      server_(registry::open_trust_server(settings, repository, gun_, address_, std::nullopt, access)),
      keys_(settings.docker_config),
      passphrases_(environment) {}

void Publisher::read() {
  const auto fits = [this](const auto& memory, auto whose) { return tuf::fits(gun_, memory, whose, anchor_); };
  const KnownTrust known = memory_.load({gun_, {}, tuf::memory_rules()}, fits);
  const tuf::TrustedMetadata& before = known.memory;
  // What is signed upon must be what the server has, never what was remembered of it.
  const tuf::Question question{gun_, anchor_, false};
  server_->begin_question();
  tuf::Outcome outcome = reads_expired_
                             ? tuf::update_at_last_good(question, before, *server_, environment_.clock(), certificates_)
                             : tuf::update(tuf::notary(), question, before, *server_, environment_.clock());
  repository_.reset();
  is_remembered_ = !before.empty();
  if (auto* found = std::get_if<tuf::Repository>(&outcome.result)) {
    // Told with the key and the line that would pin it: the server could show a repository of its own making.
    if (before.empty() && !anchor_.is_pinned()) {
      is_first_use_ = true;
      for (const std::string& warning : outcome.warnings) environment_.console.print("warning: " + warning);
    }
    memory_.save({gun_, {}, tuf::memory_rules()}, known, outcome.learned);
    // After the save: the version of an abandoned delegation is a claim, and is never remembered.
    files_ = std::move(outcome.learned);
    abandoned_ = std::move(outcome.abandoned);
    for (const auto& [role, version] : abandoned_) files_.versions[role] = std::max(files_.versions[role], version);
    repository_ = std::move(*found);
    forget_passed_over();
    return;
  }
  const tuf::Refusal& refusal = std::get<tuf::Refusal>(outcome.result);
  if (refusal.kind == tuf::Refusal::Kind::no_trust_data) return;
  // A timestamp of a server is for the server to sign anew: to renew it here would only hide that it does not.
  const bool is_ours = !server_signs() || refusal.about != "timestamp";
  const bool may_be_renewed = refusal.kind == tuf::Refusal::Kind::expired && is_ours;
  throw Error(refusal.fault, gun_ + ": " + printable(refusal.detail, 500),
              may_be_renewed ? "hallmark trust renew " + gun_ + " signs it again, if its keys are here" : refusal.hint);
}

/// A delegation whose version is known and whose document is not begins anew in a draft. That is for the abandoned:
/// what has expired, or what too few keys signed, still says something that must not be lost.
void Publisher::forget_passed_over() {
  for (const std::string& role : files_.delegations) {
    if (!files_.files.contains(role) && !abandoned_.contains(role)) files_.versions.erase(role);
  }
}

const crypto::SecretKey* Publisher::open_key(const std::string& id) {
  if (const auto found = opened_.find(id); found != opened_.end()) return &found->second;
  const std::vector<std::string> ids = keys_.ids();
  if (!holds(ids, id)) return nullptr;
  const auto [place, is_new] = opened_.emplace(id, KeyStore::open(keys_.read(id), passphrases_));
  ring_.add(place->second);
  return &place->second;
}

const crypto::SecretKey& Publisher::own_key(const std::string& role) {
  crypto::SecretKey key = crypto::SecretKey::generate_ecdsa();
  const std::string id = canonical_id(key.public_key());
  const std::string gun = role == "root" ? "" : gun_;
  if (!keys_.save(key, role, gun, passphrases_.for_new(role, id)))
    fail(Fault::local, "a new key was here already: ", id);
  const auto [place, is_new] = opened_.emplace(id, std::move(key));
  ring_.add(place->second);
  return place->second;
}

/// One root key serves every repository of a publisher, each by a certificate of its own. A key for this repository is
/// here before anything is signed when a first try did not come to its end.
const crypto::SecretKey& Publisher::kept_or_new_key(const std::string& role) {
  for (const std::string& id : keys_.ids()) {
    const crypto::KeyFile file = keys_.read(id).file;
    if (file.role == role && (role == "root" || file.gun == gun_)) return *open_key(id);
  }
  return own_key(role);
}

tuf::RoleKeys Publisher::root_keys() {
  tuf::RoleKeys keys{{}, root_.threshold};
  for (const std::string& id : root_.ids) keys.keys.push_back(stored_key("root", id));
  for (std::size_t made = 0; made < root_.new_keys; ++made) keys.keys.push_back(new_key("root"));
  if (keys.keys.empty()) keys.keys.push_back(listed("root", kept_or_new_key("root")));
  return keys;
}

tuf::ListedKey Publisher::listed(const std::string& role, const crypto::SecretKey& key) const {
  if (role != "root") return tuf::list_key(tuf::notary(), key.public_key());
  const Time now = environment_.clock();
  return tuf::list_certificate(tuf::notary(), crypto::make_certificate(key, gun_, now, now + kTenYears));
}

tuf::ListedKey Publisher::new_key(const std::string& role) { return listed(role, own_key(role)); }

tuf::ListedKey Publisher::stored_key(const std::string& role, const std::string& id) {
  const crypto::KeyFile file = keys_.read(id).file;
  if (file.role != role || (!file.gun.empty() && file.gun != gun_)) {
    throw Error(Fault::usage,
                "key " + id.substr(0, kShortId) + ": expected a key for " + role + " of " + gun_ + ", found one for " +
                    (file.role.empty() ? "no role" : printable(file.role, 80)) +
                    (file.gun.empty() ? "" : " of " + printable(file.gun, 200)),
                "one key has one role; make another key");
  }
  return listed(role, *open_key(id));
}

tuf::ListedKey Publisher::server_key(const std::string& role, const tuf::MetadataReply& answer) const {
  if (answer.kind != tuf::MetadataReply::Kind::found) {
    throw Error(answer.fault, gun_ + ": the trust server's key for " + role + ": " + printable(answer.detail, 300));
  }
  json::Value text = json::parse(role + ".key", answer.bytes);
  tuf::Key key = tuf::notary().parse_key(text.object());
  // It would have the publisher sign what only looks like the server's.
  if (has_key_of({key.canonical_id})) {
    throw Error(Fault::refused,
                gun_ + ": the trust server gives key " + key.canonical_id.substr(0, kShortId) + " as its own for " +
                    role + ", but that key is in " + printable(keys_.folder().string(), 300),
                "this may be an attack; a key that only the server holds is not one of yours");
  }
  return {std::move(key), std::move(text)};
}

tuf::ListedKey Publisher::new_server_key(const std::string& role) {
  return server_key(role, server_->new_server_key(role));
}

/// What the server signs itself; a directory has no keys, there the publisher signs it. A server whose key cannot be
/// had is none without keys.
tuf::RoleKeys Publisher::server_keys(const std::string& role) {
  if (!server_signs()) return {{listed(role, kept_or_new_key(role))}, 1};
  return {{server_key(role, server_->server_key(role))}, 1};
}

tuf::Draft Publisher::first_draft() {
  tuf::FirstKeys keys;
  // The server is asked first: when it refuses its keys, none was made here.
  keys.snapshot = server_keys("snapshot");
  keys.timestamp = server_keys("timestamp");
  keys.root = root_keys();
  keys.targets = {{listed("targets", kept_or_new_key("targets"))}, 1};
  return tuf::Draft::first(tuf::notary(), gun_, keys);
}

/// It was deleted, or somebody hides it, or another trust server is asked than the one that has it.
void Publisher::refuse_hidden() const {
  throw Error(Fault::refused, gun_ + ": the trust server knows nothing of it, but it was signed before",
              "asked was " + address_ + "; if it is to be begun anew, remove what is remembered of it: " + gun_ +
                  " below .hallmark/trust in the store, and below trust/tuf in docker's folder");
}

void Publisher::require_repository() const {
  if (repository_) return;
  if (is_remembered_) refuse_hidden();
  throw Error(Fault::refused, gun_ + ": nothing is signed there",
              "hallmark trust sign and hallmark trust init begin a signed repository; asked was " + address_);
}

const tuf::Repository& Publisher::look() {
  read();
  require_repository();
  return *repository_;
}

/// A server that hides what is signed must not make us replace it by something that nobody trusts.
void Publisher::require_beginnable() const {
  if (is_remembered_) refuse_hidden();
  if (anchor_.is_pinned()) {
    throw Error(Fault::refused, gun_ + ": the trust server knows nothing of it, but the policy pins its root",
                "if it is to be begun, do that with a --policy that does not pin it, and pin its new root key then");
  }
}

tuf::Draft Publisher::changed_draft() {
  if (!begin_) require_repository();
  if (!repository_) require_beginnable();
  tuf::Draft draft = repository_ ? tuf::Draft::open(tuf::notary(), gun_, files_) : first_draft();
  change_(draft, repository());
  if (is_first_use_) require_own_root(draft);
  tell_of_abandoned(draft);
  return draft;
}

/// A root key that signs the root of a stranger beside it hands the repository over, for all who know that key.
void Publisher::require_own_root(const tuf::Draft& draft) const {
  const std::vector<tuf::NeededKeys> needed = draft.needed_keys();
  const auto root = std::find_if(needed.begin(), needed.end(), [](const auto& each) { return each.role == "root"; });
  if (root == needed.end()) return;
  for (const std::string& id : root->canonical_ids) {
    if (has_key_of({id})) continue;
    throw Error(Fault::refused,
                gun_ + ": a root that was never seen here is to be signed, and its key " + id.substr(0, kShortId) +
                    " is not in " + printable(keys_.folder().string(), 300),
                "look at its keys with hallmark trust status " + gun_ + "; if they are the right ones, do it again");
  }
}

void Publisher::tell_of_abandoned(const tuf::Draft& draft) const {
  for (const tuf::NeededKeys& needed : draft.needed_keys()) {
    if (abandoned_.count(needed.role) == 0) continue;
    environment_.console.print("warning: " + needed.role +
                               " begins anew: nobody who may sign it now has signed what is there");
  }
}

/// Where missing keys may be, and what is done about a lost one.
std::string Publisher::way_to_keys(const tuf::NeededKeys& needed) const {
  const std::string load = "load the key with hallmark trust key load";
  if (needed.role == "root") return load + ", from a backup: nothing replaces a lost root key";
  if (is_delegation(needed.role)) {
    if (needed.threshold == 1) {
      return load + "; who has the key of the role above replaces a lost one with hallmark trust delegation add";
    }
    return "signatures of several machines cannot be collected: let each signer sign in a role of his own, and a "
           "policy ask for several of them (its requirement threshold)";
  }
  const std::string replace =
      "who has the root key replaces a lost one with hallmark trust rotate " + needed.role + " " + gun_;
  if (!needed.may_be_left) return load + "; " + replace;
  return "a directory of trust data signs nothing itself: " + load + ", or have the owner sign; " + replace;
}

void Publisher::require_keys(const tuf::Draft& draft, const std::string& replaced) {
  for (const tuf::NeededKeys& needed : draft.needed_keys()) {
    std::int64_t found = 0;
    for (const std::string& id : needed.canonical_ids) {
      // No more than are needed: each of them may ask for a passphrase.
      if (found < needed.threshold && open_key(id) != nullptr) ++found;
    }
    const bool may_be_left = needed.may_be_left && (server_signs() || needed.role == replaced);
    if (found >= needed.threshold || may_be_left) continue;
    throw Error(Fault::missing,
                gun_ + ": to sign " + needed.role + ", expected " + std::to_string(needed.threshold) + " of the keys " +
                    list_of(needed.canonical_ids, kShortId) + ", found " + std::to_string(found) + " in " +
                    printable(keys_.folder().string(), 300),
                way_to_keys(needed));
  }
}

void Publisher::prepare(Change change, bool begin) {
  change_ = std::move(change);
  begin_ = begin;
  read();
  draft_ = changed_draft();
  require_keys(*draft_);
}

void Publisher::prepare_first(RootChoice root) {
  root_ = std::move(root);
  // Before any key is made; what is opened here stays open.
  for (const std::string& id : root_.ids) static_cast<void>(stored_key("root", id));
  // A race is lost in the same words.
  prepare(
      [this](tuf::Draft&, const tuf::Repository* now) {
        if (now == nullptr) return;
        throw Error(Fault::local, gun_ + " is a signed repository already",
                    "hallmark trust inspect " + gun_ + " shows its keys, hallmark trust rotate changes them");
      },
      true);
}

void Publisher::refuse(const registry::Publication& publication, const std::map<std::string, Bytes>& files) const {
  std::string hint = publication.hint;
  if (hint.empty() && publication.kind == registry::Publication::Kind::unreachable) {
    hint = "hallmark trust inspect " + gun_ + " tells whether it arrived; it can be done again";
  } else if (hint.empty() && !files.contains("snapshot")) {
    hint = "if the server does not hold the snapshot key, load that key with hallmark trust key load";
  }
  const std::string what = gun_ + ": the trust server did not take it: ";
  throw Error(publication.fault, what + printable(publication.detail, 500), hint);
}

void Publisher::require_shown(const std::map<std::string, Bytes>& files) const {
  for (const auto& [role, bytes] : files) {
    const auto shown = files_.files.find(role);
    if (repository_ && shown != files_.files.end() && shown->second == bytes) continue;
    const std::int64_t sent = tuf::Envelope::read(tuf::notary(), role, bytes).content().at("version").integer();
    const auto known = files_.versions.find(role);
    if (repository_ && known != files_.versions.end() && known->second > sent) continue;
    throw Error(Fault::unavailable,
                gun_ + ": the trust server took what was signed, but does not show it: " + role + " has no version " +
                    std::to_string(sent),
                "look with hallmark trust status " + gun_ + "; if nothing has changed there, do it again");
  }
}

bool Publisher::publish() {
  std::map<std::string, Bytes> files;
  for (int tries = 1;; ++tries) {
    files = draft_->sign(ring_, environment_.clock());
    if (files.empty()) return false;
    const registry::Publication publication = server_->publish(files);
    if (publication.kind == registry::Publication::Kind::accepted) break;
    if (publication.kind != registry::Publication::Kind::conflict || tries == kTries) refuse(publication, files);
    environment_.console.print(gun_ + ": somebody else signed meanwhile; signing again on top of that");
    // Signed upon what is there now: the same bytes again would undo what the other has signed.
    read();
    draft_ = changed_draft();
    require_keys(*draft_);
  }
  // What was begun here is met again, not for the first time.
  has_begun_ = !repository_;
  if (has_begun_) anchor_.root = files.at("root");
  read();
  require_shown(files);
  return true;
}

bool Publisher::server_signs() const { return !registry::is_file_url(address_); }

bool Publisher::has_keys(const tuf::NeededKeys& needed) const {
  const std::vector<std::string> here = keys_.ids();
  const auto found = std::count_if(needed.canonical_ids.begin(), needed.canonical_ids.end(),
                                   [&](const auto& id) { return holds(here, id); });
  return found >= needed.threshold;
}

bool Publisher::has_key_of(const std::vector<std::string>& ids) const {
  const std::vector<std::string> here = keys_.ids();
  return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return holds(here, id); });
}

std::vector<std::string> Publisher::revocable_roles(const tuf::Repository& now) const {
  std::vector<std::string> roles;
  if (has_key_of(now.roles().at("targets").key_ids)) roles.emplace_back("targets");
  for (const auto& [role, listed] : now.delegations()) {
    if (has_key_of(listed.key_ids)) roles.push_back(role);
  }
  if (!roles.empty()) return roles;
  throw Error(Fault::missing, gun_ + ": no key for any of its roles is in " + printable(keys_.folder().string(), 300),
              "load your key with hallmark trust key load");
}

std::vector<tuf::NeededKeys> Publisher::renew_undersigned(tuf::Draft& draft) const {
  std::vector<tuf::NeededKeys> left;
  for (tuf::NeededKeys& needed : draft.undersigned()) {
    if (has_keys(needed)) {
      draft.renew(needed.role);
      environment_.console.print("warning: " + needed.role +
                                 " is signed again with your key, as it is: hallmark trust " + "inspect " + gun_ +
                                 " shows what it says");
    } else {
      left.push_back(std::move(needed));
    }
  }
  return left;
}

}  // namespace hallmark::cmd
