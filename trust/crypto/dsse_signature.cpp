// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/dsse_signature.h"

#include <algorithm>

namespace hallmark::crypto {
namespace {

/// By the key: an envelope does not choose how it is checked.
Scheme scheme_for(KeyKind kind) {
  switch (kind) {
    case KeyKind::ed25519: return Scheme::ed25519;
    case KeyKind::ecdsa: return Scheme::ecdsa_sha256_der;
    case KeyKind::rsa: break;
  }
  return Scheme::rsa_pss_sha256;
}

}  // namespace

bool is_signed_by(const dsse::Envelope& envelope, const PublicKey& key) {
  const Bytes message = dsse::pre_authentication(envelope.payload_type, envelope.payload);
  // Whatever key they name: the id of a key is nobody's word.
  return std::any_of(envelope.signatures.begin(), envelope.signatures.end(), [&](const dsse::Signature& signature) {
    return key.verifies(scheme_for(key.kind()), message, signature.bytes);
  });
}

void sign(dsse::Envelope& envelope, const SecretKey& key, const std::string& key_id) {
  const Bytes message = dsse::pre_authentication(envelope.payload_type, envelope.payload);
  envelope.signatures.push_back({key_id, key.sign(scheme_for(key.kind()), message)});
}

}  // namespace hallmark::crypto
