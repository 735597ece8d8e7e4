// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/secret_key.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>

#include "trust/crypto/openssl.h"
#include "trust/error.h"

namespace hallmark::crypto {
namespace {

using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;

constexpr const char* kNotaryEd25519 = "1.3.6.1.4.1.11591.15.1";
constexpr std::size_t kPublicSize = crypto_sign_PUBLICKEYBYTES;
constexpr std::size_t kSeedSize = crypto_sign_SEEDBYTES;

PublicKey public_part(EVP_PKEY* key) {
  std::uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) fail(Fault::corrupt, "private key without a public key");
  const Bytes spki(der, der + length);
  OPENSSL_free(der);
  return PublicKey::from_spki(spki);
}

/// The file says both halves; somebody who could exchange one would learn the other from what is signed.
void require_pair(EVP_PKEY* key) {
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(context != nullptr);
  const bool fits = EVP_PKEY_pairwise_check(context.get()) == 1;
  forget_errors();
  if (!fits) fail(Fault::corrupt, "the private key does not belong to the public key that is stored with it");
}

Secret der_of(EVP_PKEY* key) {
  const OwnedInfo info(EVP_PKEY2PKCS8(key));
  must(info != nullptr);
  return der_of_info(info.get());
}

/// The 96 bytes, if the key is of Notary's own kind.
ByteView notary_ed25519_in(const PKCS8_PRIV_KEY_INFO* info) {
  const ASN1_OBJECT* algorithm = nullptr;
  const std::uint8_t* raw = nullptr;
  int length = 0;
  if (PKCS8_pkey_get0(&algorithm, &raw, &length, nullptr, info) != 1) return {};
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> notary(OBJ_txt2obj(kNotaryEd25519, 1));
  must(notary != nullptr);
  if (OBJ_cmp(algorithm, notary.get()) != 0) return {};
  return {raw, static_cast<std::size_t>(length)};
}

Secret notary_pkcs8(ByteView seed_and_public) {
  const ByteView seed = seed_and_public.first(kSeedSize);
  const ByteView key = seed_and_public.subspan(kSeedSize);
  const std::size_t size = key.size() + seed.size() + key.size();
  // PrivateKeyInfo wipes and frees what it is given.
  auto* raw = static_cast<std::uint8_t*>(OPENSSL_malloc(size));
  must(raw != nullptr);
  std::uint8_t* end = std::copy(key.begin(), key.end(), raw);
  end = std::copy(seed.begin(), seed.end(), end);
  std::copy(key.begin(), key.end(), end);
  const OwnedInfo info(PKCS8_PRIV_KEY_INFO_new());
  must(info != nullptr && PKCS8_pkey_set0(info.get(), OBJ_txt2obj(kNotaryEd25519, 1), 0, V_ASN1_UNDEF, nullptr, raw,
                                          static_cast<int>(size)) == 1);
  return der_of_info(info.get());
}

OwnedKey read_inner(int type, ByteView der) {
  const std::uint8_t* at = der.data();
  OwnedKey key(d2i_PrivateKey(type, nullptr, &at, static_cast<long>(der.size())));
  forget_errors();
  if (key == nullptr || at != der.data() + der.size()) return nullptr;
  return key;
}

Secret seed_of(EVP_PKEY* ed25519) {
  Secret seed(kSeedSize);
  std::size_t size = kSeedSize;
  must(EVP_PKEY_get_raw_private_key(ed25519, seed.space().data(), &size) == 1 && size == kSeedSize);
  return seed;
}

/// From OpenSSL's DER to the form of docs/notary-v1.md, 2.
Bytes fixed_width(ByteView der, int bits) {
  const std::size_t width = (static_cast<std::size_t>(bits) + 7) / 8;
  const std::uint8_t* at = der.data();
  const Owned<ECDSA_SIG, ECDSA_SIG_free> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  must(signature != nullptr);
  Bytes out(2 * width);
  const int count = static_cast<int>(width);
  must(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), count) == count &&
       BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + width, count) == count);
  return out;
}

Bytes digest_signature(EVP_PKEY* key, Scheme scheme, ByteView message) {
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // owned by the context
  must(context != nullptr && EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, key) == 1);
  if (scheme == Scheme::rsa_pss_sha256) {
    must(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) == 1);
  }
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  // The size before was the largest possible one; DER is often shorter.
  signature.resize(size);
  return scheme == Scheme::ecdsa_sha256_fixed ? fixed_width(signature, EVP_PKEY_get_bits(key)) : signature;
}

}  // namespace

bool scheme_fits(Scheme scheme, KeyKind kind) {
  switch (scheme) {
    case Scheme::ed25519: return kind == KeyKind::ed25519;
    case Scheme::ecdsa_sha256_fixed:
    case Scheme::ecdsa_sha256_der: return kind == KeyKind::ecdsa;
    case Scheme::rsa_pss_sha256:
    case Scheme::rsa_pkcs1_sha256: break;
  }
  return kind == KeyKind::rsa;
}

SecretKey SecretKey::generate_ecdsa() {
  lock_openssl_memory();
  const OwnedKey key(EVP_EC_gen("P-256"));
  must(key != nullptr);
  return {public_part(key.get()), der_of(key.get())};
}

SecretKey SecretKey::from_pkcs8(ByteView der) {
  const OwnedInfo info = info_of(der);
  if (info == nullptr) fail(Fault::corrupt, "not a DER PrivateKeyInfo");
  // First, since OpenSSL does not know the algorithm and would refuse the key.
  if (const ByteView raw = notary_ed25519_in(info.get()); !raw.empty()) return from_notary_ed25519(raw);
  const OwnedKey key = open_pkcs8(der);
  if (key == nullptr) fail(Fault::corrupt, "a private key of an unknown kind");
  // Its public half is computed from the seed: there is none beside it that could be another one's.
  if (EVP_PKEY_is_a(key.get(), "ED25519") == 1) return from_seed(seed_of(key.get()).view());
  PublicKey public_key = public_part(key.get());
  require_pair(key.get());
  return {std::move(public_key), der_of(key.get())};
}

SecretKey SecretKey::from_seed(ByteView seed) {
  Bytes public_key(kPublicSize);
  Secret seed_and_public(crypto_sign_SECRETKEYBYTES);
  must(crypto_sign_seed_keypair(public_key.data(), seed_and_public.space().data(), seed.data()) == 0);
  return {PublicKey::from_ed25519(public_key), std::move(seed_and_public)};
}

SecretKey SecretKey::from_sec1(ByteView der) {
  lock_openssl_memory();
  const OwnedKey key = read_inner(EVP_PKEY_EC, der);
  if (key == nullptr) fail(Fault::corrupt, "not a DER ECPrivateKey");
  PublicKey public_key = public_part(key.get());
  require_pair(key.get());
  return {std::move(public_key), der_of(key.get())};
}

SecretKey SecretKey::from_pkcs1(ByteView der) {
  lock_openssl_memory();
  const OwnedKey key = read_inner(EVP_PKEY_RSA, der);
  if (key == nullptr) fail(Fault::corrupt, "not a DER RSAPrivateKey");
  PublicKey public_key = public_part(key.get());
  require_pair(key.get());
  return {std::move(public_key), der_of(key.get())};
}

SecretKey SecretKey::from_notary_ed25519(ByteView raw) {
  if (raw.size() != 2 * kPublicSize + kSeedSize) {
    fail(Fault::corrupt, "Ed25519 private key of ", raw.size(), " bytes, not ", 2 * kPublicSize + kSeedSize);
  }
  const ByteView key = raw.first(kPublicSize);
  Secret derived_public(kPublicSize);
  Secret seed_and_public(crypto_sign_SECRETKEYBYTES);
  must(crypto_sign_seed_keypair(derived_public.space().data(), seed_and_public.space().data(),
                                raw.data() + kPublicSize) == 0);
  // Ed25519 hashes the public half into what it signs: under a false one, two signatures give the private key away.
  if (!std::equal(key.begin(), key.end(), derived_public.view().begin()) ||
      !std::equal(key.begin(), key.end(), raw.begin() + kPublicSize + kSeedSize)) {
    fail(Fault::corrupt, "the private key does not belong to the public key that is stored with it");
  }
  return {PublicKey::from_ed25519(key), std::move(seed_and_public)};
}

Bytes SecretKey::sign(Scheme scheme, ByteView message) const {
  if (!scheme_fits(scheme, kind())) fail(Fault::usage, "a key of this kind cannot sign by that scheme");
  if (kind() == KeyKind::ed25519) {
    Bytes signature(crypto_sign_BYTES);
    must(crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), material_.view().data()) == 0);
    return signature;
  }
  // Opened for one signature: between two of them OpenSSL has nothing of it.
  const OwnedKey key = open_pkcs8(material_.view());
  must(key != nullptr);
  return digest_signature(key.get(), scheme, message);
}

Secret SecretKey::pkcs8() const {
  return kind() == KeyKind::ed25519 ? notary_pkcs8(material_.view()) : Secret(material_.view());
}

}  // namespace hallmark::crypto
