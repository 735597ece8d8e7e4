// SPDX-License-Identifier: Apache-2.0
//
// Private keys. What is kept lies in locked memory (trust/crypto/secret.h); OpenSSL gets it only while it signs.
#pragma once

#include "trust/bytes.h"
#include "trust/crypto/key.h"
#include "trust/crypto/secret.h"

namespace hallmark::crypto {

/// Whether a key of the kind signs by the scheme.
bool scheme_fits(Scheme scheme, KeyKind kind);

/// RSA (2048 bits or more), ECDSA (P-256, P-384, P-521) or Ed25519. Move-only. The readers throw Fault::corrupt, also
/// for a private key that does not belong to the public key beside it, and for anything behind it.
class SecretKey {
 public:
  /// A new key on P-256.
  static SecretKey generate_ecdsa();
  /// DER PrivateKeyInfo (RFC 5208), in OpenSSL's and in Notary's manner; Ed25519 in OpenSSL's (RFC 8410), and in
  /// Notary's under the object identifier 1.3.6.1.4.1.11591.15.1.
  static SecretKey from_pkcs8(ByteView der);
  /// DER ECPrivateKey (RFC 5915) that names its curve.
  static SecretKey from_sec1(ByteView der);
  /// DER RSAPrivateKey (RFC 8017).
  static SecretKey from_pkcs1(ByteView der);
  /// Notary's 96 bytes: the public key, the seed, the public key again.
  static SecretKey from_notary_ed25519(ByteView raw);

  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  [[nodiscard]] KeyKind kind() const { return public_.kind(); }
  /// Fault::usage when the scheme is not this key's kind.
  [[nodiscard]] Bytes sign(Scheme scheme, ByteView message) const;
  /// DER PrivateKeyInfo, readable by from_pkcs8() and by Notary.
  [[nodiscard]] Secret pkcs8() const;

 private:
  SecretKey(PublicKey key, Secret material) : public_(std::move(key)), material_(std::move(material)) {}

  /// Of Ed25519: the public half follows from it.
  static SecretKey from_seed(ByteView seed);

  PublicKey public_;
  Secret material_;  // PKCS#8; of Ed25519 the seed and the public key
};

}  // namespace hallmark::crypto
