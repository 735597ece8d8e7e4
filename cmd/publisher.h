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

#include "cmd/command.h"
#include "cmd/key_store.h"
#include "cmd/trust_memory.h"
#include "registry/settings.h"
#include "registry/trust_server.h"
#include "trust/reference.h"
#include "trust/tuf/draft.h"

namespace hallmark::cmd {

class Publisher {
 public:
  Publisher(const Surroundings& surroundings, const registry::Settings& settings, const Reference& repository,
            TrustMemory memory);

  /// Applied to what is signed now, and again when somebody else publishes meanwhile. The second argument is what the
  /// draft was opened from; absent when nothing was signed before.
  using Change = std::function<void(tuf::Draft& draft, const tuf::Repository* now)>;

  /// Everything that can fail before anything is sent: the server, its trust data, the change, the keys and their
  /// passphrases. A repository without trust data is begun, when `begin` allows it: with a root key of the folder or a
  /// new one, and with keys of the server for what it signs itself.
  void prepare(Change change, bool begin);
  /// Signs and publishes what was prepared. False when the change changed nothing.
  bool publish();

  /// What is signed now, verified; absent when nothing is.
  [[nodiscard]] const tuf::Repository* repository() const { return repository_ ? &*repository_ : nullptr; }
  /// The roles in which docker would sign the tag with the keys of the folder: delegations of the first level whose key
  /// is here and that may name it, or "targets" when there are no delegations. Fault::missing when there are none.
  [[nodiscard]] std::vector<std::string> signable_roles(const tuf::Repository* now, const std::string& tag) const;
  /// Every role whose key is here, "targets" included. Fault::missing when none is.
  [[nodiscard]] std::vector<std::string> revocable_roles(const tuf::Repository& now) const;
  /// After keys were taken from delegations: has those signed again whose remaining keys are here. The others are the
  /// result: readers will pass over them.
  [[nodiscard]] std::vector<tuf::NeededKeys> renew_undersigned(tuf::Draft& draft) const;

 private:
  void read();
  [[nodiscard]] tuf::Draft first_draft();
  [[nodiscard]] tuf::Draft changed_draft();
  void tell_of_abandoned(const tuf::Draft& draft) const;
  tuf::RoleKeys server_keys(const std::string& role);
  const crypto::SecretKey& own_key(const std::string& role);
  const crypto::SecretKey& kept_or_new_key(const std::string& role);
  [[nodiscard]] bool has_key_of(const std::vector<std::string>& ids) const;
  void gather_keys(const tuf::Draft& draft);
  [[noreturn]] void refuse(const registry::Publication& publication, const std::map<std::string, Bytes>& files) const;
  const crypto::SecretKey* open_key(const std::string& id);

  const Surroundings& surroundings_;
  std::string gun_;
  TrustMemory memory_;
  std::unique_ptr<registry::TrustServer> server_;
  KeyStore keys_;
  Passphrases passphrases_;
  Change change_;
  bool begin_ = false;
  tuf::Memory files_;
  std::map<std::string, std::int64_t> abandoned_;  // delegations that will begin anew, with the version they had
  std::optional<tuf::Repository> repository_;
  std::optional<tuf::Draft> draft_;
  std::map<std::string, crypto::SecretKey> opened_;  // by canonical id; a map keeps addresses
  tuf::KeyRing ring_;
};

}  // namespace hallmark::cmd
