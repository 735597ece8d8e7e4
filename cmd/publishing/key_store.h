// SPDX-License-Identifier: Apache-2.0
//
// docker's and notary's folder of private keys: <config>/trust/private/<canonical id>.key, shared with both. Until
// docker 1.13 keys lay below it in root_keys and tuf_keys/<repository>; they are used where they are, as both do after
// they have moved them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cmd/publishing/passphrases.h"
#include "trust/crypto/key_file.h"

namespace hallmark::cmd {

struct StoredKey {
  std::string id;  ///< canonical, as the file's name says
  std::filesystem::path path;
  crypto::KeyFile file;
};

/// What key files are called by: the id of the bare public key.
std::string canonical_id(const crypto::PublicKey& key);

/// Whether a text is such an id.
bool is_key_id(const std::string& text);

/// docker and notary use what is saved here, and the other way about. What others could have put there is refused.
class KeyStore {
 public:
  /// docker's folder: $DOCKER_CONFIG or ~/.docker. Nothing is made before something is saved.
  explicit KeyStore(const std::filesystem::path& docker_config) : folder_(docker_config / "trust" / "private") {}

  /// Whether it is there or not.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// The ids of all key files, sorted. What they hold was not looked at.
  [[nodiscard]] std::vector<std::string> ids() const;
  /// The one id that begins so. Fault::missing when there is none, Fault::usage when there are several.
  [[nodiscard]] std::string find(const std::string& prefix) const;
  /// Fault::missing when there is none; Fault::usage when the file is no key, holds several, or others could read it.
  [[nodiscard]] StoredKey read(const std::string& id) const;
  /// Fault::corrupt when the file holds another key than its name says.
  [[nodiscard]] static crypto::SecretKey open(const StoredKey& stored, Passphrases& passphrases);

  /// False when the key was here already for the same role and repository: it stays as it is, passphrase included.
  /// Fault::usage when it is here for another one. Folders get 0700, the file 0600. An empty passphrase is
  /// Fault::usage: what is stored is encrypted.
  [[nodiscard]] bool save(const crypto::SecretKey& key, const std::string& role, const std::string& gun,
                          const crypto::Secret& passphrase) const;
  /// Fault::missing when there is none.
  void remove(const std::string& id) const;

 private:
  /// What the place of a key file says; role and repository in the older folders alone.
  struct Place {
    std::filesystem::path path;
    std::string role{};
    std::string gun{};
  };
  [[nodiscard]] std::map<std::string, Place> places() const;
  void add_older(const std::string& subfolder, std::map<std::string, Place>& places) const;
  [[nodiscard]] Place place_of(const std::string& id) const;
  [[nodiscard]] std::filesystem::path path_of(const std::string& id) const { return folder_ / (id + ".key"); }

  std::filesystem::path folder_;
};

}  // namespace hallmark::cmd
