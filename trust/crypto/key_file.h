// SPDX-License-Identifier: Apache-2.0
//
// Key files: the containers that docker, Notary and OpenSSL write, all read; and docker's and Notary's own, written.
// A file that cannot be used is Fault::usage. No message holds anything of the key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/crypto/key_encryption.h"
#include "trust/crypto/pem.h"
#include "trust/crypto/secret_key.h"

namespace hallmark::crypto {

/// One private key as a file holds it, perhaps still encrypted. What the headers say is nobody's word but the file's.
struct KeyFile {
  std::string role;  ///< "root", "targets", "snapshot", a signer's name; empty when the file does not say
  std::string gun;   ///< of targets and snapshot keys
  std::string path;  ///< of exported bundles; not fit as a file name before it was checked
  bool encrypted;
  PemBlock block;
};

/// Every private key of a PEM text, in order: PKCS#8, encrypted PKCS#8, SEC1 and PKCS#1 with or without DEK-Info,
/// Notary's Ed25519. What else OpenSSL and authorities write beside a key is passed over: the curve's name, public
/// keys, certificates. Blocks of another kind are refused.
std::vector<KeyFile> read_key_files(ByteView pem);

/// Throws WrongPassphrase. A passphrase for a key that is not encrypted is not looked at; none for one that is, is
/// Fault::usage.
SecretKey open_key(const KeyFile& file, const Secret* passphrase);

/// One PEM block with the headers `gun` (when there is one) and `role`. An empty passphrase leaves the key unencrypted.
std::string write_key_file(const SecretKey& key, const std::string& role, const std::string& gun,
                           const Secret& passphrase);

/// The key as it lies in the file, encrypted or not, for a bundle: Notary and docker import an encrypted key only when
/// the header `path` says its canonical id. Role and repository are written from the KeyFile.
std::string write_for_bundle(const KeyFile& file, const std::string& path);

/// Whether a PEM text holds public keys or certificates, and no secret: others may read such a file.
bool is_public_text(ByteView pem);

/// A public key that somebody hands over to be made a signer.
struct PublicKeyFile {
  std::string role;  ///< the signer's name, when the file says it
  PublicKey key;
  Bytes certificate;  ///< PEM, when the key came as one; otherwise empty
};

/// PUBLIC KEY or CERTIFICATE; one key, the first form of it that the file has.
PublicKeyFile read_public_key_file(ByteView pem);

/// One block PUBLIC KEY: what a policy trusts to sign. Ed25519 as OpenSSL writes it (RFC 8410).
PublicKey read_public_key(ByteView pem);

/// PUBLIC KEY with the header `role`, as `docker trust key generate` writes it. Fault::usage for Ed25519.
std::string write_public_key_file(const PublicKey& key, const std::string& role);

}  // namespace hallmark::crypto
