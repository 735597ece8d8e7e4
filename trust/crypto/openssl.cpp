// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/openssl.h"

#include "trust/error.h"

namespace hallmark::crypto {

void must(bool done) {
  if (done) return;
  forget_errors();
  fail(Fault::local, "OpenSSL would not do its work");
}

void lock_openssl_memory() {
  // Both are powers of two, as OpenSSL wants them.
  constexpr std::size_t kArena = std::size_t{128} << 10U;
  constexpr std::size_t kLeast = 32;
  // Once for the process: the arena stays as long as it lives.
  static const int kLocked = CRYPTO_secure_malloc_init(kArena, kLeast);
  static_cast<void>(kLocked);  // without it the numbers are wiped all the same
}

OwnedInfo info_of(ByteView der) {
  const std::uint8_t* at = der.data();
  OwnedInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  forget_errors();
  if (info == nullptr || at != der.data() + der.size()) return nullptr;
  return info;
}

Secret der_of_info(const PKCS8_PRIV_KEY_INFO* info) {
  // The length first: then the key is written into locked memory, and into no other.
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info, nullptr);
  must(length > 0);
  Secret der(static_cast<std::size_t>(length));
  std::uint8_t* at = der.space().data();
  must(i2d_PKCS8_PRIV_KEY_INFO(info, &at) == length);
  return der;
}

Owned<EVP_PKEY, EVP_PKEY_free> open_pkcs8(ByteView der) {
  // First: what is locked are the numbers that are made afterwards.
  lock_openssl_memory();
  const OwnedInfo info = info_of(der);
  Owned<EVP_PKEY, EVP_PKEY_free> key(info == nullptr ? nullptr : EVP_PKCS82PKEY(info.get()));
  forget_errors();
  return key;
}

}  // namespace hallmark::crypto
