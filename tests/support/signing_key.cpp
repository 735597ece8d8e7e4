// SPDX-License-Identifier: Apache-2.0
#include "tests/support/signing_key.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "trust/digest.h"
#include "trust/json.h"
#include "trust/tuf/canonical.h"

namespace hallmark::test {
namespace {

void must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL would not make a test key");
}

Bytes raw_signature(EVP_PKEY* key, ByteView message, std::string_view method) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool is_ed25519 = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  EVP_PKEY_CTX* parameters = nullptr;
  must(EVP_DigestSignInit(context.get(), &parameters, is_ed25519 ? nullptr : EVP_sha256(), nullptr, key) == 1);
  if (method == "rsapss") {
    must(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) == 1);
  }
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  signature.resize(size);
  return signature;
}

Bytes fixed_width(EVP_PKEY* key, const Bytes& der) {
  const std::size_t width = (static_cast<std::size_t>(EVP_PKEY_get_bits(key)) + 7) / 8;
  const std::uint8_t* at = der.data();
  const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  Bytes out(2 * width);
  must(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), static_cast<int>(width)) > 0);
  must(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + width, static_cast<int>(width)) > 0);
  return out;
}

void set_time(ASN1_TIME* field, Time time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch());
  must(ASN1_TIME_set(field, seconds.count()) != nullptr);
}

}  // namespace

struct SigningKey::Private {
  explicit Private(EVP_PKEY* owned) : key(owned) { must(owned != nullptr); }
  Private(const Private&) = delete;
  Private& operator=(const Private&) = delete;
  ~Private() { EVP_PKEY_free(key); }

  EVP_PKEY* key;
};

SigningKey::SigningKey(std::shared_ptr<const Private> key) : private_(std::move(key)) {
  EVP_PKEY* handle = private_->key;
  if (EVP_PKEY_get_base_id(handle) == EVP_PKEY_ED25519) {
    type_ = "ed25519";
    Bytes raw(32);
    std::size_t size = raw.size();
    must(EVP_PKEY_get_raw_public_key(handle, raw.data(), &size) == 1);
    public_text_ = base64_of(raw);
    return;
  }
  type_ = EVP_PKEY_get_base_id(handle) == EVP_PKEY_RSA ? "rsa" : "ecdsa";
  std::uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(handle, &der);
  must(length > 0);
  public_text_ = base64_of({der, static_cast<std::size_t>(length)});
  OPENSSL_free(der);
}

SigningKey SigningKey::ed25519() {
  return SigningKey(std::make_shared<const Private>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

SigningKey SigningKey::ecdsa(const char* curve) {
  return SigningKey(std::make_shared<const Private>(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve)));
}

SigningKey SigningKey::rsa(unsigned bits) {
  return SigningKey(
      std::make_shared<const Private>(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits))));
}

SigningKey SigningKey::certified(const CertificateFacts& facts, const std::string& chain) const {
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  must(X509_set_version(certificate.get(), 2) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 7) == 1);
  set_time(X509_getm_notBefore(certificate.get()), facts.not_before);
  set_time(X509_getm_notAfter(certificate.get()), facts.not_after);
  const ByteView name = view_of(facts.common_name);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  // V_ASN1_UTF8STRING, because a repository's name may be longer than OpenSSL lets a common name be.
  must(X509_NAME_add_entry_by_txt(subject, "CN", V_ASN1_UTF8STRING, name.data(), static_cast<int>(name.size()), -1,
                                  0) == 1);
  must(X509_set_issuer_name(certificate.get(), subject) == 1);
  must(X509_set_pubkey(certificate.get(), private_->key) == 1);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> constraints(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints,
                          facts.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE"),
      X509_EXTENSION_free);
  must(X509_add_ext(certificate.get(), constraints.get(), -1) == 1);
  must(X509_sign(certificate.get(), private_->key, facts.with_sha1 ? EVP_sha1() : EVP_sha256()) > 0);

  const std::unique_ptr<BIO, int (*)(BIO*)> memory(BIO_new(BIO_s_mem()), BIO_free);
  must(PEM_write_bio_X509(memory.get(), certificate.get()) == 1);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  SigningKey key = *this;
  key.type_ += "-x509";
  key.public_text_ = base64_of(view_of(std::string(text, static_cast<std::size_t>(length)) + chain));
  return key;
}

SigningKey SigningKey::written_as(std::string type, std::string public_text) const {
  SigningKey key = *this;
  key.type_ = std::move(type);
  key.public_text_ = std::move(public_text);
  return key;
}

std::string SigningKey::pem() const { return string_of(parse_base64(public_text_)); }

std::string SigningKey::json() const {
  return R"({"keytype":)" + hallmark::json::quoted(type_) + R"(,"keyval":{"private":null,"public":)" +
         hallmark::json::quoted(public_text_) + "}}";
}

std::string SigningKey::id() const {
  const std::string text = json();
  std::string canonical;
  tuf::append_canonical(hallmark::json::parse("key", view_of(text)), canonical);
  return Digest::of(view_of(canonical)).hex();
}

std::string SigningKey::method() const {
  if (EVP_PKEY_get_base_id(private_->key) == EVP_PKEY_ED25519) return "eddsa";
  return EVP_PKEY_get_base_id(private_->key) == EVP_PKEY_RSA ? "rsapss" : "ecdsa";
}

Bytes SigningKey::sign(ByteView message, std::string_view method) const {
  const Bytes signature = raw_signature(private_->key, message, method);
  return EVP_PKEY_get_base_id(private_->key) == EVP_PKEY_EC ? fixed_width(private_->key, signature) : signature;
}

Bytes SigningKey::sign_der(ByteView message) const { return raw_signature(private_->key, message, {}); }

}  // namespace hallmark::test
