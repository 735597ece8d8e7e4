// SPDX-License-Identifier: Apache-2.0
//
// The four documents of trust metadata, read strictly: exact member names, exact types. Reading proves nothing:
// what a document says counts only once its signatures were found good (trust/tuf/signatures.h).
// Every reader throws Fault::corrupt, or json::DuplicateMember.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/digest.h"
#include "trust/json.h"
#include "trust/time.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/target_table.h"

namespace hallmark::tuf {

/// A document taken apart into what was signed and the signatures.
class Envelope {
 public:
  /// Takes a document apart. `role` names it in messages. What has no canonical form is Fault::corrupt, too.
  static Envelope read(const Dialect& dialect, std::string_view role, ByteView bytes);

  /// The object that was signed.
  [[nodiscard]] const json::Object& content() const { return document_.object().at("signed").object(); }
  /// The bytes that were signed: the canonical form of the content.
  [[nodiscard]] ByteView signed_bytes() const { return view_of(canonical_); }
  [[nodiscard]] const std::vector<Signature>& signatures() const { return signatures_; }

 private:
  explicit Envelope(json::Value document) : document_(std::move(document)) {}

  json::Value document_;
  std::string canonical_;
  std::vector<Signature> signatures_;
};

/// Keys under the ids that a document lists them by.
using Keys = std::map<std::string, Key, std::less<>>;

/// Who may sign a role.
struct Role {
  std::vector<std::string> key_ids;
  std::int64_t threshold;
};

/// What every document has.
struct SignedCommon {
  std::int64_t version;
  Time expires;
};

struct Root {
  SignedCommon common;
  Keys keys;
  std::map<std::string, Role, std::less<>> roles;  ///< exactly root, targets, snapshot, timestamp
};

/// What a file must be.
struct FileMeta {
  std::uint64_t length;
  std::vector<Digest> digests;  ///< sha256 first
};

/// A timestamp or a snapshot.
struct MetaListing {
  SignedCommon common;
  std::map<std::string, FileMeta, std::less<>> meta;
};

/// A role as its parent lists it. The paths are not cut down to those of the parent.
struct Delegation {
  std::string name;
  Role role;
  std::vector<std::string> paths;
};

/// The top role or a delegation: both have one form.
struct Targets {
  SignedCommon common;
  /// Those of the delegations. The role's own keys stand with its parent.
  Keys keys;
  std::vector<Delegation> delegations;
  TargetTable targets;
};

/// All ids that the four roles list are among the keys.
Root read_root(const Dialect& dialect, const json::Object& content);
/// Has an entry for each role that the dialect requires, and a sha256 digest in every entry.
MetaListing read_listing(const Dialect& dialect, Kind kind, const json::Object& content);
/// `role` is "targets" or a delegation; its name decides which delegations it may list.
Targets read_targets(const Dialect& dialect, std::string_view role, const json::Object& content);

/// Whether the bytes are of the length and have every digest; the sentence says what was expected and found.
struct FileCheck {
  bool fits;
  std::string difference;
};
FileCheck compare(const FileMeta& expected, ByteView bytes);

}  // namespace hallmark::tuf
