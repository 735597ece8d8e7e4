// SPDX-License-Identifier: Apache-2.0
//
// What the keys of docker's folder sign, by the trust data that this machine remembers: which of them are in force, and
// which have been replaced.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cmd/publishing/key_store.h"
#include "cmd/state/trusted_metadata.h"

namespace hallmark::cmd {

struct KeyUse {
  std::string gun;
  std::string role;
  std::string id;  ///< as the role lists the key: of a root key the id of its certificate, which pins name
};

class KeyUses {
 public:
  /// Fault::corrupt for a memory that cannot be read.
  void add(const std::string& gun, const TrustedMetadataStore& memory);
  /// What it signs now, sorted by repository; absent when nothing is known of the key.
  [[nodiscard]] std::optional<std::vector<KeyUse>> of(const StoredKey& key) const;

 private:
  std::set<std::string> guns_;
  std::map<std::string, std::vector<KeyUse>> uses_;  // by canonical id; empty for a former root key
};

}  // namespace hallmark::cmd
