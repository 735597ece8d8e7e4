// SPDX-License-Identifier: Apache-2.0
//
// Where passphrases come from, in docker's order and words: the variables of docker, those of notary, the terminal.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cmd/terminal/environment.h"
#include "trust/crypto/key_file.h"
#include "trust/crypto/secret.h"

namespace hallmark::cmd {

struct OpenedKey {
  crypto::SecretKey key;
  /// What opened it; nullptr when it was not encrypted. Valid as long as the Passphrases are.
  const crypto::Secret* passphrase;
};

/// Asks for each role once; the answer counts for the other keys of that role in the same command.
class Passphrases {
 public:
  explicit Passphrases(const Environment& environment) : environment_(environment) {}

  /// A key of the store, by the canonical id that its file name says. A wrong passphrase in a variable is
  /// Fault::usage and names the variable; on the terminal there are three more tries.
  OpenedKey open(const crypto::KeyFile& file, const std::string& role, const std::string& id);
  /// A key file that somebody brings: whose it is will only be known when it is open.
  OpenedKey open_foreign(const crypto::KeyFile& file);
  /// For a key that is about to be stored. On the terminal: at least 8 characters, typed twice.
  const crypto::Secret& for_new(const std::string& role, const std::string& id);

 private:
  struct Found {
    std::string variable;
    crypto::Secret secret;
  };
  [[nodiscard]] std::optional<Found> from_variable(const std::string& role) const;
  OpenedKey open_called(const crypto::KeyFile& file, const std::string& role, const std::string& name);
  [[nodiscard]] crypto::Secret ask(const std::string& prompt, const std::string& role) const;
  [[nodiscard]] crypto::Secret ask_new(const std::string& name, const std::string& role) const;
  const crypto::Secret& keep(const std::string& role, crypto::Secret secret);

  const Environment& environment_;
  std::map<std::string, crypto::Secret> known_;  // by role
};

}  // namespace hallmark::cmd
