// SPDX-License-Identifier: Apache-2.0
//
// Public keys and what they say about a signature. The scheme is the caller's, from the key and the protocol:
// a signature never chooses how it is to be checked.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "trust/bytes.h"

namespace hallmark::crypto {

enum class KeyKind { ed25519, ecdsa, rsa };

enum class Scheme {
  ed25519,
  ecdsa_sha256_fixed,  ///< r then s, each as wide as the curve's order, big endian; never DER
  ecdsa_sha256_der,    ///< the same numbers as DER ECDSA-Sig-Value, which has one form
  rsa_pss_sha256,      ///< PSS, MGF1 with SHA-256, salt of exactly 32 bytes
  rsa_pkcs1_sha256
};

/// A value: cheap to copy, immutable.
class PublicKey {
 public:
  /// DER SubjectPublicKeyInfo of an RSA (2048 bits or more) or ECDSA (P-256, P-384, P-521) key, with nothing behind it.
  /// Fault::corrupt otherwise.
  static PublicKey from_spki(ByteView der);
  /// The 32 raw bytes.
  static PublicKey from_ed25519(ByteView raw);

  [[nodiscard]] KeyKind kind() const;
  /// DER SubjectPublicKeyInfo; empty for Ed25519. A point keeps the form, compressed or not, in which it was read, so
  /// equal keys can have other bytes: operator== compares keys.
  [[nodiscard]] Bytes spki() const;
  /// The 32 raw bytes; empty for the other kinds.
  [[nodiscard]] Bytes ed25519() const;
  /// What people call the bare key by, whatever signs with it: 64 digits of hex, as Notary computes ids of keys
  /// (docs/notary-v1.md, 2), so that people compare one text. "key:" and this is the signer in every trust system.
  [[nodiscard]] std::string id() const;
  /// Two handles of one key material compare equal.
  [[nodiscard]] bool operator==(const PublicKey& other) const;

  /// Whether the signature over the message is good under the scheme; false when the scheme is not this key's kind.
  [[nodiscard]] bool verifies(Scheme scheme, ByteView message, ByteView signature) const;

 private:
  struct Material;
  explicit PublicKey(std::shared_ptr<const Material> material) : material_(std::move(material)) {}

  std::shared_ptr<const Material> material_;
};

}  // namespace hallmark::crypto
