// SPDX-License-Identifier: Apache-2.0
//
// A repository of trust metadata in memory, with real keys: change a field, publish, and ask it like a trust server.
// It signs whatever it is told to, also what no honest publisher would.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/signing_key.h"
#include "trust/time.h"
#include "trust/tuf/update.h"

namespace hallmark::test {

struct KeyRing {
  std::vector<SigningKey> keys;
  std::int64_t threshold = 1;
};

struct SimulatedTarget {
  std::string content;  ///< its SHA-256 and size are what is signed
  std::string hashes;   ///< if not empty, the JSON object that is written instead
};

struct SimulatedDelegation {
  std::string name;
  KeyRing ring;
  std::vector<std::string> paths{""};
};

struct SimulatedTargets {
  std::int64_t version = 1;
  Time expires;
  std::map<std::string, SimulatedTarget> targets;
  std::vector<SimulatedDelegation> delegations;
};

struct SimulatedListing {
  std::int64_t version = 1;
  Time expires;
};

class TufRepository : public tuf::MetadataSource {
 public:
  /// One root certificate for `gun`, one key for each other role, the tag "1" in targets; published.
  TufRepository(std::string gun, Time now);

  // The state; publish() makes files of it.
  std::string gun;
  std::int64_t root_version = 1;
  Time root_expires;
  std::map<std::string, KeyRing> rings;               ///< of root, targets, snapshot, timestamp
  std::vector<SigningKey> former_root_keys;           ///< sign the root as well
  std::map<std::string, SimulatedTargets> documents;  ///< "targets" and delegations
  SimulatedListing snapshot;
  SimulatedListing timestamp;

  // Deviations, by role.
  std::map<std::string, std::vector<SigningKey>> signed_by;                 ///< instead of the role's keys
  std::map<std::string, std::function<void(std::string&)>> before_signing;  ///< edits the text that is signed
  std::map<std::string, std::function<void(std::string&)>> after_signing;   ///< edits the file
  std::map<std::string, bool> unlisted;                                     ///< left out of the snapshot

  /// Renders, signs and serves everything. Versions are as the fields say.
  void publish();
  /// Everything one version up (root stays), then publish().
  void publish_next();
  /// A new root certificate; the old one signs once more. The version goes up; not published yet.
  void rotate_root();
  SigningKey new_root_key() const;

  // The server.
  std::map<std::string, Bytes> files;                 ///< by name: "root.json", "2.root.json", "targets.<sha256>.json"
  std::map<std::string, tuf::MetadataReply> answers;  ///< by file name or role: given instead of a file
  std::vector<std::string> asked;                     ///< file names, in order
  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override;

  /// A file with one signature for each key, over the canonical form of the text.
  static std::string envelope(const std::string& signed_text, const std::vector<SigningKey>& keys);
  /// One entry of "signatures".
  static std::string signature_entry(const std::string& key_id, const std::string& method, const Bytes& signature);

  /// The tuf::TrustedMetadata that docker would have: the newest file of each role.
  [[nodiscard]] tuf::TrustedMetadata docker_cache() const;

 private:
  void serve(const std::string& role, const std::string& signed_text, const KeyRing& ring);
  [[nodiscard]] std::string root_text() const;
  [[nodiscard]] std::string targets_text(const SimulatedTargets& targets) const;
  [[nodiscard]] std::string listing_text(const std::string& type, const SimulatedListing& listing,
                                         const std::vector<std::string>& roles) const;

  Time now_;
};

tuf::MetadataReply missing();
tuf::MetadataReply unreachable();
tuf::MetadataReply rejected();

}  // namespace hallmark::test
