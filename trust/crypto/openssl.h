// SPDX-License-Identifier: Apache-2.0
//
// Ownership of OpenSSL's handles, for the sources of this folder only.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "trust/bytes.h"
#include "trust/crypto/secret.h"

namespace hallmark::crypto {

template <auto Free>
struct Deleter {
  template <class Handle>
  void operator()(Handle* handle) const {
    Free(handle);
  }
};

template <class Handle, auto Free>
using Owned = std::unique_ptr<Handle, Deleter<Free>>;

using OwnedInfo = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

/// OpenSSL keeps a queue of errors per thread; a refusal that was expected must not be found there later.
inline void forget_errors() { ERR_clear_error(); }

/// For calls that fail only for want of memory or randomness: Fault::local.
void must(bool done);

/// The DER PrivateKeyInfo.
Secret der_of_info(const PKCS8_PRIV_KEY_INFO* info);

/// The private key of a DER PrivateKeyInfo with nothing behind it; null when it is none that OpenSSL knows.
Owned<EVP_PKEY, EVP_PKEY_free> open_pkcs8(ByteView der);
/// PKCS #8 with nothing behind it; nullptr for anything else.
OwnedInfo info_of(ByteView der);
/// OpenSSL puts the numbers of private keys into memory that is locked, when it has any.
void lock_openssl_memory();

}  // namespace hallmark::crypto
