// SPDX-License-Identifier: Apache-2.0
//
// The seam between the one metadata engine and the dialects of TUF: every question whose answer differs between
// them. The dialect is a choice of the configuration, never a guess from the content.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/crypto/certificate.h"
#include "trust/crypto/key.h"
#include "trust/crypto/secret_key.h"
#include "trust/digest.h"
#include "trust/json.h"
#include "trust/time.h"

namespace hallmark::tuf {

/// The kinds of signed documents; delegations are of the kind `targets`.
enum class Kind { root, timestamp, snapshot, targets };

/// A public key as a document lists it.
struct Key {
  std::string id;                                 ///< of this content, whatever name it is listed under
  std::string canonical_id;                       ///< of the bare public key; people and key files know it by this
  std::optional<crypto::PublicKey> material;      ///< absent when this house cannot use it: then it never counts
  std::vector<crypto::Certificate> certificates;  ///< leaf first; empty for a bare key
};

/// One entry of "signatures". Nothing of it is proven; the key id says only whose key is to be tried.
struct Signature {
  std::string key_id;
  std::string method;
  Bytes bytes;
};

/// What a dialect thinks of a key of the root role.
struct RootKeyStanding {
  bool eligible;                   ///< whether it may sign roots of this repository at all
  std::string why_not;             ///< empty when eligible
  std::optional<Time> not_before;  ///< its own dates, if it has any
  std::optional<Time> not_after;
  std::string names{};          ///< what its certificate says that it is for
  bool is_for_several = false;  ///< which are more repositories than this one
};

/// Parsers throw Fault::corrupt.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// The value of "_type".
  [[nodiscard]] virtual std::string_view type_name(Kind kind) const = 0;
  /// A key whose form is right but whose content is unknown has no material.
  [[nodiscard]] virtual Key parse_key(const json::Object& key) const = 0;
  /// The key as a document lists it: bare, or by its certificate, which is PEM text.
  [[nodiscard]] virtual json::Value write_key(const crypto::PublicKey& key) const = 0;
  [[nodiscard]] virtual json::Value write_certificate(ByteView pem) const = 0;
  /// A method that nobody knows is no fault of the document: scheme_of() says that it does not count.
  [[nodiscard]] virtual Signature parse_signature(const json::Object& signature) const = 0;
  /// One entry of "signatures": by this key, listed under that id, over the bytes.
  [[nodiscard]] virtual json::Value write_signature(const std::string& key_id, const crypto::SecretKey& key,
                                                    ByteView message) const = 0;
  /// How the signature is to be checked; absent when the method is unknown. The key's kind must fit the scheme.
  [[nodiscard]] virtual std::optional<crypto::Scheme> scheme_of(const Signature& signature) const = 0;
  /// Absent when the algorithm is one that this dialect passes over.
  [[nodiscard]] virtual std::optional<Digest> parse_hash(std::string_view algorithm, std::string_view text) const = 0;
  /// As parse_hash() reads it back.
  [[nodiscard]] virtual std::string write_hash(const Digest& digest) const = 0;
  /// When a document ends. A fraction of a second counts.
  [[nodiscard]] virtual Time parse_expiry(std::string_view text) const = 0;
  /// The last moment is still good.
  [[nodiscard]] virtual bool has_expired(Time expires, Time now) const = 0;

  /// How long a document that is signed now is good.
  [[nodiscard]] virtual std::chrono::seconds lifetime(Kind kind) const = 0;

  /// What a role is called in "meta".
  [[nodiscard]] virtual std::string meta_name(std::string_view role) const = 0;
  /// Roles that "meta" of a snapshot or a timestamp must list.
  [[nodiscard]] virtual std::vector<std::string> required_meta(Kind kind) const = 0;

  /// File names: the newest, the one of a known digest, the root of a version.
  [[nodiscard]] virtual std::string file_name(std::string_view role) const = 0;
  [[nodiscard]] virtual std::string file_name(std::string_view role, const Digest& digest) const = 0;
  [[nodiscard]] virtual std::string root_file_name(std::int64_t version) const = 0;

  /// Whether a targets role of this name may list a delegation of that name.
  [[nodiscard]] virtual bool may_delegate(std::string_view parent, std::string_view child) const = 0;
  /// Whether a path of a delegation admits the target.
  [[nodiscard]] virtual bool covers(std::string_view path, std::string_view target) const = 0;
  /// Whether a delegation's path stays within a path of its parent.
  [[nodiscard]] virtual bool stays_within(std::string_view parent_path, std::string_view path) const = 0;

  /// Dates are told and not judged: they matter for the newest root alone.
  [[nodiscard]] virtual RootKeyStanding root_key(const Key& key, std::string_view gun) const = 0;
  /// How far ahead of its time a root key's not_before may lie.
  [[nodiscard]] virtual std::chrono::seconds root_key_clock_skew() const = 0;

 protected:
  Dialect() = default;
  Dialect(const Dialect&) = default;
  Dialect& operator=(const Dialect&) = default;
};

}  // namespace hallmark::tuf
