// SPDX-License-Identifier: Apache-2.0
//
// Changes what is signed of one repository: reads and verifies what the trust server has, applies a change, signs it
// with the keys of docker's folder, publishes it, and looks whether it is there. No change waits in a file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/publishing/key_store.h"
#include "cmd/state/trusted_metadata.h"
#include "cmd/terminal/environment.h"
#include "registry/settings.h"
#include "registry/trust_server.h"
#include "trust/reference.h"
#include "trust/tuf/edit/draft.h"
#include "trust/tuf/last_good.h"

namespace hallmark::cmd {

/// The root keys of a repository that is begun: those of the folder with these ids, and new ones. With neither, the
/// first root key of the folder, or a new one.
struct RootChoice {
  std::vector<std::string> ids;
  std::size_t new_keys = 0;
  std::int64_t threshold = 1;
};

/// What a trust server must agree with before anything is signed upon what it shows: it could show a repository of its
/// own making, to have its tags signed with the publisher's key.
struct TrustBasis {
  TrustedMetadataStore memory;
  tuf::Anchor anchor;
};

/// For one repository and one change. The order is look(), or prepare() and publish(); what they read is verified as
/// whoever pulls verifies it. Each looks at the time anew: between the two an image may be on its way for hours.
class Publisher {
 public:
  /// Asks the trust server for the right to publish. Nothing is asked before the first call.
  Publisher(const Environment& environment, const registry::Settings& settings, const Reference& repository,
            TrustBasis basis);
  /// With another right: for whoever only looks, or makes the server change its own keys.
  Publisher(const Environment& environment, const registry::Settings& settings, const Reference& repository,
            TrustBasis basis, registry::TrustAccess access);

  /// Applied to what is signed now, and again when somebody else publishes meanwhile. The second argument is what the
  /// draft was opened from; absent when nothing was signed before.
  using Change = std::function<void(tuf::Draft& draft, const tuf::Repository* now)>;

  /// From here on what has expired is read too, as it was when it was last good: for whoever signs it again, or tells.
  void read_expired() { reads_expired_ = true; }
  /// The same, and a root whose certificates have ended: for whoever gives it new ones.
  void read_ended_certificates() {
    reads_expired_ = true;
    certificates_ = tuf::EndedCertificates::read;
  }
  /// What is signed now, verified. Fault::missing when nothing is.
  const tuf::Repository& look();

  /// Everything that can fail before anything is sent: the server, its trust data, the change, the keys and their
  /// passphrases. A repository without trust data is begun, when `begin` allows it: with a root key of the folder or a
  /// new one, and with keys of the server for what it signs itself.
  void prepare(Change change, bool begin);
  /// As prepare(), for a repository of which nothing is signed: it is begun so, with nothing signed in it. Fault::local
  /// when it is there, Fault::usage for root keys that cannot be used.
  void prepare_first(RootChoice root);
  /// Signs and publishes what was prepared, and reads it back: Fault::unavailable when it is not there, unless somebody
  /// else published something newer meanwhile. False when the change changed nothing.
  bool publish();

  /// What is signed now, verified; absent when nothing is.
  [[nodiscard]] const tuf::Repository* repository() const { return repository_ ? &*repository_ : nullptr; }
  /// Whether publish() began the repository.
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] const std::string& gun() const { return gun_; }
  /// A line for people.
  void warn(const std::string& line) const { environment_.console.print(line); }
  /// Every role whose key is here, "targets" included. Fault::missing when none is.
  [[nodiscard]] std::vector<std::string> revocable_roles(const tuf::Repository& now) const;
  /// After keys were taken from delegations: has those signed again whose remaining keys are here. The others are the
  /// result: readers will pass over them.
  [[nodiscard]] std::vector<tuf::NeededKeys> renew_undersigned(tuf::Draft& draft) const;

  /// The verified documents of what is signed now.
  [[nodiscard]] const tuf::TrustedMetadata& files() const { return files_; }
  /// docker's folder of private keys; what is opened here stays open until this goes.
  [[nodiscard]] const KeyStore& keys() const { return keys_; }
  /// Whether as many of the keys are here as must sign. They are not opened.
  [[nodiscard]] bool has_keys(const tuf::NeededKeys& needed) const;
  /// Whether one of the keys is here.
  [[nodiscard]] bool has_key_of(const std::vector<std::string>& ids) const;
  /// Fault::missing unless the keys for what the draft changes are here; opens them. A listing that is to get other
  /// keys is not asked for those that it has.
  void require_keys(const tuf::Draft& draft, const std::string& replaced = {});
  /// For a role: a new key, stored; the key of the folder with that id; a new one that the server holds.
  [[nodiscard]] tuf::ListedKey new_key(const std::string& role);
  [[nodiscard]] tuf::ListedKey stored_key(const std::string& role, const std::string& id);
  [[nodiscard]] tuf::ListedKey new_server_key(const std::string& role);
  /// Whether the other side signs timestamps itself, as a server does and a directory does not.
  [[nodiscard]] bool server_signs() const;

 private:
  void read();
  void forget_passed_over();
  void require_repository() const;
  [[noreturn]] void refuse_hidden() const;
  void require_beginnable() const;
  void require_own_root(const tuf::Draft& draft) const;
  void require_shown(const std::map<std::string, Bytes>& files) const;
  [[nodiscard]] tuf::Draft first_draft();
  [[nodiscard]] tuf::Draft changed_draft();
  [[nodiscard]] tuf::ListedKey server_key(const std::string& role, const tuf::MetadataReply& answer) const;
  void tell_of_abandoned(const tuf::Draft& draft) const;
  [[nodiscard]] std::string way_to_keys(const tuf::NeededKeys& needed) const;
  tuf::RoleKeys server_keys(const std::string& role);
  const crypto::SecretKey& own_key(const std::string& role);
  const crypto::SecretKey& kept_or_new_key(const std::string& role);
  [[nodiscard]] tuf::RoleKeys root_keys();
  [[nodiscard]] tuf::ListedKey listed(const std::string& role, const crypto::SecretKey& key) const;
  [[noreturn]] void refuse(const registry::Publication& publication, const std::map<std::string, Bytes>& files) const;
  const crypto::SecretKey* open_key(const std::string& id);

  const Environment& environment_;
  std::string gun_;
  TrustedMetadataStore memory_;
  tuf::Anchor anchor_;
  std::string address_;  // of the trust server
  std::unique_ptr<registry::TrustServer> server_;
  KeyStore keys_;
  Passphrases passphrases_;
  Change change_;
  bool begin_ = false;
  bool has_begun_ = false;
  bool reads_expired_ = false;
  tuf::EndedCertificates certificates_ = tuf::EndedCertificates::refused;
  bool is_remembered_ = false;  // something was signed there before
  bool is_first_use_ = false;   // of what was read; nothing says that its root is the right one
  RootChoice root_;
  tuf::TrustedMetadata files_;
  std::map<std::string, std::int64_t> abandoned_;  // delegations that will begin anew, with the version they had
  std::optional<tuf::Repository> repository_;
  std::optional<tuf::Draft> draft_;
  std::map<std::string, crypto::SecretKey> opened_;  // by canonical id; a map keeps addresses
  tuf::KeyRing ring_;
};

}  // namespace hallmark::cmd
