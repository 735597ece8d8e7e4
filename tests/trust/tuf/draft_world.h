// SPDX-License-Identifier: Apache-2.0
//
// A publisher with keys, and a server that keeps what he signs as a trust server does.
#pragma once

#include <list>
#include <map>
#include <string>
#include <vector>

#include "tests/trust/tuf/verdict.h"
#include "trust/crypto/self_signed.h"
#include "trust/json.h"
#include "trust/tuf/edit/draft.h"
#include "trust/tuf/notary.h"

namespace hallmark::test {

/// The newest file of each role under all its names, and every root.
class Shelf final : public tuf::MetadataSource {
 public:
  void put(const std::map<std::string, Bytes>& documents) {
    for (const auto& [role, bytes] : documents) {
      current.files[role] = bytes;
      files_[role + ".json"] = bytes;
      files_[role + "." + Digest::of(bytes).hex() + ".json"] = bytes;
      if (role == "root") files_[std::to_string(version("root")) + ".root.json"] = bytes;
    }
  }

  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
    const auto file = files_.find(wanted.file);
    if (file == files_.end()) return missing();
    return {tuf::MetadataReply::Kind::found, file->second, Fault::unavailable, {}};
  }

  [[nodiscard]] json::Value document(const std::string& role) const {
    return json::parse(role, current.files.at(role));
  }
  [[nodiscard]] const json::Value& member(const json::Value& document, const std::string& name) const {
    return document.object().at("signed").object().at(name);
  }
  [[nodiscard]] std::int64_t version(const std::string& role) const {
    return member(document(role), "version").integer();
  }
  [[nodiscard]] std::string text(const std::string& role) const { return string_of(current.files.at(role)); }

  tuf::TrustedMetadata current;  ///< only its files and versions are of use

 private:
  std::map<std::string, Bytes> files_;
};

class Publisher {
 public:
  Publisher() : root(new_key()), targets(new_key()), snapshot(new_key()), timestamp(new_key()) {}

  const crypto::SecretKey& new_key() {
    keys_.push_back(crypto::SecretKey::generate_ecdsa());
    ring.add(keys_.back());
    return keys_.back();
  }
  /// A key whose secret half is at hand only in `others`.
  const crypto::SecretKey& foreign_key() {
    keys_.push_back(crypto::SecretKey::generate_ecdsa());
    others.add(keys_.back());
    return keys_.back();
  }

  static tuf::ListedKey listed(const crypto::SecretKey& key) { return tuf::list_key(tuf::notary(), key.public_key()); }
  static std::string id(const crypto::SecretKey& key) { return listed(key).key.canonical_id; }
  static tuf::ListedKey certified(const crypto::SecretKey& key, const std::string& gun = kGun) {
    return tuf::list_certificate(tuf::notary(), crypto::make_certificate(key, gun, kNow - kDay, kNow + 3650 * kDay));
  }

  [[nodiscard]] tuf::FirstKeys first_keys() const {
    return {{{certified(root)}, 1}, {{listed(targets)}, 1}, {{listed(snapshot)}, 1}, {{listed(timestamp)}, 1}};
  }

  /// A published repository with the tag "1".
  Shelf published() const {
    tuf::Draft draft = tuf::Draft::first(tuf::notary(), kGun, first_keys());
    draft.set_target("targets", "1", target("content of 1"));
    Shelf shelf;
    shelf.put(draft.sign(ring, kNow));
    return shelf;
  }

  static tuf::NewTarget target(std::string_view content) {
    return {content.size(), {Digest::of(view_of(content))}, std::nullopt};
  }

  tuf::KeyRing ring;
  tuf::KeyRing others;

 private:
  std::list<crypto::SecretKey> keys_;  // stay where they are

 public:
  const crypto::SecretKey& root;
  const crypto::SecretKey& targets;
  const crypto::SecretKey& snapshot;
  const crypto::SecretKey& timestamp;
};

inline tuf::Draft open(const Shelf& shelf) { return tuf::Draft::open(tuf::notary(), kGun, shelf.current); }

inline tuf::Outcome ask(Shelf& shelf, const tuf::TrustedMetadata& memory = {}, Time now = kNow) {
  return tuf::update(tuf::notary(), {kGun, {}, false}, memory, shelf, now);
}

/// The role that answers for a tag, in docker's order; "nowhere" if none.
inline std::string role_of(const tuf::Outcome& outcome, const std::string& tag) {
  const tuf::Lookup lookup = repository_of(outcome).find(tag, {"targets/releases", "targets"});
  return lookup.target ? lookup.target->role : "nowhere";
}

}  // namespace hallmark::test
