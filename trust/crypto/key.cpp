// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/key.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "trust/crypto/openssl.h"
#include "trust/digest.h"
#include "trust/error.h"

namespace hallmark::crypto {
namespace {

/// docs/notary-v1.md, 2.
constexpr int kLeastRsaBits = 2048;
/// OpenSSL verifies with no longer one.
constexpr int kMostRsaBits = 16384;

Bytes spki_of(EVP_PKEY* key) {
  std::uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) fail(Fault::corrupt, "public key cannot be encoded");
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

/// By name, because curves of the same size are not the same curve.
bool is_known_curve(EVP_PKEY* key) {
  std::array<char, 32> name{};
  std::size_t length = 0;
  const bool has_name = EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1;
  forget_errors();
  if (!has_name) return false;
  const std::string_view curve(name.data(), length);
  return curve == "prime256v1" || curve == "secp384r1" || curve == "secp521r1";
}

/// r and s of fixed width, as the DER that OpenSSL wants; empty when the length does not fit the curve.
Bytes ecdsa_der(ByteView fixed, int bits) {
  const std::size_t width = (static_cast<std::size_t>(bits) + 7) / 8;
  // One signature has one form: no zeros are added to what is too short.
  if (fixed.size() != 2 * width) return {};
  Owned<BIGNUM, BN_free> r(BN_bin2bn(fixed.data(), static_cast<int>(width), nullptr));
  Owned<BIGNUM, BN_free> s(BN_bin2bn(fixed.data() + width, static_cast<int>(width), nullptr));
  Owned<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || signature == nullptr) fail(Fault::local, "OpenSSL is out of memory");
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  // The signature has taken both over.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  std::uint8_t* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return {};
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

bool digest_verifies(EVP_PKEY* key, Scheme scheme, ByteView message, ByteView signature) {
  Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // owned by the context
  if (context == nullptr || EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, key) != 1) {
    return false;
  }
  // The length of the salt is set as well: by itself OpenSSL would take it from the signature.
  if (scheme == Scheme::rsa_pss_sha256 && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                                           EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) != 1 ||
                                           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) != 1)) {
    return false;
  }
  if (scheme == Scheme::rsa_pkcs1_sha256 && EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) != 1) {
    return false;
  }
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

}  // namespace

struct PublicKey::Material {
  KeyKind kind;
  Owned<EVP_PKEY, EVP_PKEY_free> key;  // null for Ed25519
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> ed25519{};
};

PublicKey PublicKey::from_spki(ByteView der) {
  const std::uint8_t* position = der.data();
  Owned<EVP_PKEY, EVP_PKEY_free> key(d2i_PUBKEY(nullptr, &position, static_cast<long>(der.size())));
  forget_errors();
  // What stands behind the key would be part of its id and not of the key.
  if (key == nullptr || position != der.data() + der.size()) {
    fail(Fault::corrupt, "not a DER SubjectPublicKeyInfo");
  }
  const int bits = EVP_PKEY_get_bits(key.get());
  Material material{KeyKind::ecdsa, nullptr, {}};
  // Not RSA-PSS: a key of that type brings parameters along that choose how signatures are checked.
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    material.kind = KeyKind::rsa;
    if (bits < kLeastRsaBits || bits > kMostRsaBits) {
      fail(Fault::corrupt, "RSA key of ", bits, " bits; at least ", kLeastRsaBits, " are required");
    }
  } else if (EVP_PKEY_is_a(key.get(), "EC") != 1 || !is_known_curve(key.get())) {
    fail(Fault::corrupt, "neither an RSA key nor an ECDSA key on P-256, P-384 or P-521");
  }
  material.key = std::move(key);
  return PublicKey(std::make_shared<const Material>(std::move(material)));
}

PublicKey PublicKey::from_ed25519(ByteView raw) {
  Material material{KeyKind::ed25519, nullptr, {}};
  if (raw.size() != material.ed25519.size()) fail(Fault::corrupt, "Ed25519 key of ", raw.size(), " bytes, not 32");
  std::copy(raw.begin(), raw.end(), material.ed25519.begin());
  return PublicKey(std::make_shared<const Material>(std::move(material)));
}

KeyKind PublicKey::kind() const { return material_->kind; }

Bytes PublicKey::spki() const { return material_->key == nullptr ? Bytes{} : spki_of(material_->key.get()); }

Bytes PublicKey::ed25519() const {
  return kind() == KeyKind::ed25519 ? Bytes(material_->ed25519.begin(), material_->ed25519.end()) : Bytes{};
}

std::string PublicKey::id() const {
  const std::string_view type = kind() == KeyKind::ed25519 ? "ed25519" : kind() == KeyKind::ecdsa ? "ecdsa" : "rsa";
  const Bytes content = kind() == KeyKind::ed25519 ? ed25519() : spki();
  // Canonical JSON; nothing of it needs to be escaped.
  return Digest::of(view_of(R"({"keytype":")" + std::string(type) + R"(","keyval":{"private":null,"public":")" +
                            base64_of(content) + "\"}}"))
      .hex();
}

bool PublicKey::operator==(const PublicKey& other) const {
  if (kind() != other.kind()) return false;
  if (kind() == KeyKind::ed25519) return material_->ed25519 == other.material_->ed25519;
  return EVP_PKEY_eq(material_->key.get(), other.material_->key.get()) == 1;
}

bool PublicKey::verifies(Scheme scheme, ByteView message, ByteView signature) const {
  bool good = false;
  switch (kind()) {
    case KeyKind::ed25519:
      good =
          scheme == Scheme::ed25519 && signature.size() == crypto_sign_BYTES &&
          crypto_sign_verify_detached(signature.data(), message.data(), message.size(), material_->ed25519.data()) == 0;
      break;
    case KeyKind::ecdsa:
      if (scheme == Scheme::ecdsa_sha256_fixed) {
        const Bytes der = ecdsa_der(signature, EVP_PKEY_get_bits(material_->key.get()));
        good = !der.empty() && digest_verifies(material_->key.get(), scheme, message, der);
      } else if (scheme == Scheme::ecdsa_sha256_der) {
        good = digest_verifies(material_->key.get(), scheme, message, signature);
      }
      break;
    case KeyKind::rsa:
      // OpenSSL takes a shorter number for one with leading zeros.
      good = (scheme == Scheme::rsa_pss_sha256 || scheme == Scheme::rsa_pkcs1_sha256) &&
             signature.size() == static_cast<std::size_t>(EVP_PKEY_get_size(material_->key.get())) &&
             digest_verifies(material_->key.get(), scheme, message, signature);
      break;
  }
  if (kind() != KeyKind::ed25519) forget_errors();
  return good;
}

}  // namespace hallmark::crypto
