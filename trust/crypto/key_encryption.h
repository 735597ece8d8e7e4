// SPDX-License-Identifier: Apache-2.0
//
// The two ways in which private keys are encrypted at rest: PKCS#8 with PBES2, and the old one that OpenSSL wrote into
// PEM headers. Written is only the first, as Notary reads it.
#pragma once

#include <string>

#include "trust/bytes.h"
#include "trust/crypto/secret.h"
#include "trust/error.h"

namespace hallmark::crypto {

/// The passphrase does not open the key, or the key was damaged: the two cannot be told apart.
class WrongPassphrase : public Error {
 public:
  WrongPassphrase() : Error(Fault::usage, "the passphrase is wrong", "try again with the passphrase of this key") {}
};

/// DER EncryptedPrivateKeyInfo to DER PrivateKeyInfo. Fault::corrupt for what is none, or is encrypted in a way that is
/// not PBES2 with PBKDF2.
Secret decrypt_pkcs8(ByteView der, const Secret& passphrase);

/// The content of a block with "DEK-Info: <cipher>,<iv>": AES-128, -192 or -256-CBC, or DES-EDE3-CBC.
Secret decrypt_dek(const std::string& info, ByteView content, const Secret& passphrase);

/// PBES2, PBKDF2 with HMAC-SHA1 in 2048 rounds, AES-256-CBC: what Notary reads.
Bytes encrypt_pkcs8(const Secret& pkcs8, const Secret& passphrase);

}  // namespace hallmark::crypto
