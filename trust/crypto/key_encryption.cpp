// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/key_encryption.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "trust/crypto/openssl.h"

namespace hallmark::crypto {
namespace {

using OwnedEncrypted = Owned<X509_SIG, X509_SIG_free>;

constexpr int kNotaryRounds = 2048;
constexpr int kNotarySaltSize = 8;
constexpr std::int64_t kMostRounds = 10'000'000;  // a file must not keep this machine busy for hours

void require_pbes2(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* name = nullptr;
  int type = V_ASN1_UNDEF;
  const void* parameter = nullptr;
  X509_ALGOR_get0(&name, &type, &parameter, algorithm);
  const auto unsupported = [] {
    forget_errors();
    fail(Fault::corrupt, "the key is encrypted in an unsupported way; PBES2 with PBKDF2 is needed");
  };
  // Older ways rest on DES, RC2 or 40 bits, and a file could ask scrypt for any amount of memory.
  if (OBJ_obj2nid(name) != NID_pbes2 || type != V_ASN1_SEQUENCE) unsupported();
  const Owned<PBE2PARAM, PBE2PARAM_free> scheme(
      static_cast<PBE2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter)));
  if (scheme == nullptr || OBJ_obj2nid(scheme->keyfunc->algorithm) != NID_id_pbkdf2) unsupported();
  const Owned<PBKDF2PARAM, PBKDF2PARAM_free> derivation(
      static_cast<PBKDF2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), scheme->keyfunc->parameter)));
  if (derivation == nullptr) unsupported();
  std::int64_t rounds = 0;
  if (ASN1_INTEGER_get_int64(&rounds, derivation->iter) != 1 || rounds < 1 || rounds > kMostRounds) {
    forget_errors();
    fail(Fault::corrupt, "the key's passphrase is hashed ", rounds, " times; supported are 1 to ", kMostRounds);
  }
}

struct Cipher {
  std::string_view name;
  const EVP_CIPHER* (*make)();
};

constexpr std::array<Cipher, 4> kDekCiphers{{{"AES-128-CBC", [] { return EVP_aes_128_cbc(); }},
                                             {"AES-192-CBC", [] { return EVP_aes_192_cbc(); }},
                                             {"AES-256-CBC", [] { return EVP_aes_256_cbc(); }},
                                             {"DES-EDE3-CBC", [] { return EVP_des_ede3_cbc(); }}}};

Bytes parse_upper_hex(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return parse_hex(text);
}

}  // namespace

Secret decrypt_pkcs8(ByteView der, const Secret& passphrase) {
  const std::uint8_t* at = der.data();
  const OwnedEncrypted encrypted(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  forget_errors();
  if (encrypted == nullptr || at != der.data() + der.size()) {
    fail(Fault::corrupt, "not a DER EncryptedPrivateKeyInfo");
  }
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(encrypted.get(), &algorithm, nullptr);
  require_pbes2(algorithm);
  const OwnedInfo info(PKCS8_decrypt(encrypted.get(), passphrase.text().data(), static_cast<int>(passphrase.size())));
  forget_errors();
  if (info == nullptr) throw WrongPassphrase();
  return der_of_info(info.get());
}

Secret decrypt_dek(const std::string& info, ByteView content, const Secret& passphrase) {
  const std::size_t comma = std::min(info.find(','), info.size());
  const std::string_view name = std::string_view(info).substr(0, comma);
  const auto* known = std::find_if(kDekCiphers.begin(), kDekCiphers.end(),
                                   [&](const Cipher& candidate) { return candidate.name == name; });
  if (known == kDekCiphers.end()) {
    fail(Fault::corrupt, "the key is encrypted with \"", printable(name, 40), "\", which is not supported");
  }
  const EVP_CIPHER* cipher = known->make();
  const Bytes iv = parse_upper_hex(info.substr(std::min(comma + 1, info.size())));
  // Eight bytes of it are the salt below: OpenSSL would read beyond a shorter one.
  if (iv.size() != static_cast<std::size_t>(EVP_CIPHER_get_iv_length(cipher))) {
    fail(Fault::corrupt, "DEK-Info with an initial vector of ", iv.size(), " bytes");
  }
  Secret key(static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)));
  // One round of MD5 is what such files are made with. They are read and never written.
  must(EVP_BytesToKey(cipher, EVP_md5(), iv.data(), passphrase.view().data(), static_cast<int>(passphrase.size()), 1,
                      key.space().data(), nullptr) > 0);
  const Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
  must(context != nullptr && EVP_DecryptInit_ex2(context.get(), cipher, key.view().data(), iv.data(), nullptr) == 1);
  // OpenSSL may need room for a block more than it is given.
  Secret plain(content.size() + iv.size());
  int length = 0;
  int rest = 0;
  const bool opened = EVP_DecryptUpdate(context.get(), plain.space().data(), &length, content.data(),
                                        static_cast<int>(content.size())) == 1 &&
                      EVP_DecryptFinal_ex(context.get(), plain.space().data() + length, &rest) == 1;
  forget_errors();
  if (!opened) throw WrongPassphrase();
  return Secret(plain.view().first(static_cast<std::size_t>(length) + static_cast<std::size_t>(rest)));
}

Bytes encrypt_pkcs8(const Secret& pkcs8, const Secret& passphrase) {
  const std::uint8_t* at = pkcs8.view().data();
  const OwnedInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(pkcs8.size())));
  Owned<X509_ALGOR, X509_ALGOR_free> scheme(
      PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), kNotaryRounds, nullptr, kNotarySaltSize, nullptr, NID_hmacWithSHA1));
  must(info != nullptr && scheme != nullptr);
  const OwnedEncrypted encrypted(
      PKCS8_set0_pbe(passphrase.text().data(), static_cast<int>(passphrase.size()), info.get(), scheme.get()));
  must(encrypted != nullptr);
  static_cast<void>(scheme.release());  // the result owns it
  std::uint8_t* der = nullptr;
  const int length = i2d_X509_SIG(encrypted.get(), &der);
  must(length > 0);
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace hallmark::crypto
