// SPDX-License-Identifier: Apache-2.0
//
// Signatures of DSSE envelopes. The key decides the scheme: Ed25519; ECDSA in DER and RSA-PSS, both over SHA-256.
#pragma once

#include <string>

#include "trust/crypto/key.h"
#include "trust/crypto/secret_key.h"
#include "trust/dsse.h"

namespace hallmark::crypto {

/// Whether one of the signatures is this key's over the payload and its type.
bool is_signed_by(const dsse::Envelope& envelope, const PublicKey& key);

/// Adds a signature of the key, which is called `key_id`.
void sign(dsse::Envelope& envelope, const SecretKey& key, const std::string& key_id);

}  // namespace hallmark::crypto
