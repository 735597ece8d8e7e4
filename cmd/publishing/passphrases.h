// SPDX-License-Identifier: Apache-2.0
//
// Where passphrases come from, in docker's order and words: the variables of docker, those of notary, the terminal. The
// role of a key chooses the variables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cmd/terminal/environment.h"
#include "trust/crypto/key_file.h"
#include "trust/crypto/secret.h"

namespace hallmark::cmd {

struct OpenedKey {
  crypto::SecretKey key;
  /// What opened it; nullptr when it was not encrypted. Valid as long as the Passphrases are.
  const crypto::Secret* passphrase;
};

/// "repository" for targets and snapshot, which are one thing to docker's users; else the role.
std::string shown_role(const std::string& role);

/// Asks for each role once; the answer counts for the other keys of that role in the same command.
class Passphrases {
 public:
  explicit Passphrases(const Environment& environment) : environment_(environment) {}

  /// A key of the store, by the canonical id that its file name says. When none of the variables opens it, that is
  /// Fault::usage and names them; on the terminal there are three more tries.
  OpenedKey open(const crypto::KeyFile& file, const std::string& role, const std::string& id);
  /// A key file that somebody brings: which key it is will only be known when it is open. `name` is what questions call
  /// it.
  OpenedKey open_foreign(const crypto::KeyFile& file, const std::string& role, const std::string& name);
  /// For a key that is about to be stored. On the terminal: at least 8 characters, typed twice.
  const crypto::Secret& for_new(const std::string& role, const std::string& id);

 private:
  struct Found {
    std::string variable;
    crypto::Secret secret;
  };
  [[nodiscard]] std::vector<Found> from_variables(const std::string& role) const;
  OpenedKey open_called(const crypto::KeyFile& file, const std::string& role, const std::string& name);
  [[nodiscard]] crypto::Secret ask(const std::string& prompt, const std::string& role) const;
  [[nodiscard]] crypto::Secret ask_new(const std::string& name, const std::string& role) const;
  const crypto::Secret& keep(const std::string& role, crypto::Secret secret);

  const Environment& environment_;
  std::map<std::string, crypto::Secret> known_;  // by role
};

}  // namespace hallmark::cmd
