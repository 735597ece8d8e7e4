// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/self_signed.h"

#include <array>
#include <chrono>
#include <utility>

#include "trust/crypto/openssl.h"
#include "trust/crypto/pem.h"
#include "trust/error.h"

namespace hallmark::crypto {
namespace {

constexpr int kVersion3 = 2;

/// As Notary makes them. A root key in an authority's certificate would not count (docs/notary-v1.md, 5.1).
constexpr std::array<std::pair<int, const char*>, 3> kExtensions{
    {{NID_key_usage, "critical,digitalSignature,keyEncipherment"},
     {NID_ext_key_usage, "codeSigning"},
     {NID_basic_constraints, "critical,CA:FALSE"}}};

void set_serial(X509* certificate) {
  // Issuer and serial number name a certificate (RFC 5280, 4.1.2.2), and one key makes one for each repository.
  std::array<std::uint8_t, 16> random{};
  must(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
  random[0] = static_cast<std::uint8_t>((random[0] & 0x7fU) | 0x40U);  // positive, and never shorter
  const Owned<BIGNUM, BN_free> number(BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr));
  must(number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void set_time(ASN1_TIME* field, Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  must(ASN1_TIME_set(field, seconds.count()) != nullptr);
}

void set_names(X509* certificate, std::string_view common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const ByteView bytes = view_of(common_name);
  // V_ASN1_UTF8STRING says what the bytes are; MBSTRING_UTF8 would apply the limit of 64 characters.
  must(X509_NAME_add_entry_by_txt(name, "CN", V_ASN1_UTF8STRING, bytes.data(), static_cast<int>(bytes.size()), -1, 0) ==
           1 &&
       X509_set_issuer_name(certificate, name) == 1);
}

Bytes der_of(X509* certificate) {
  std::uint8_t* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  must(length > 0);
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

Bytes make_certificate(const SecretKey& key, std::string_view common_name, Time not_before, Time not_after) {
  if (key.kind() == KeyKind::ed25519) fail(Fault::usage, "an Ed25519 key cannot be a root key: it has no certificate");
  if (common_name.empty()) fail(Fault::usage, "a certificate needs the name of a repository");
  if (not_after <= not_before) {
    fail(Fault::usage, "a certificate from ", to_text(not_before), " to ", to_text(not_after), " is never valid");
  }
  const Secret pkcs8 = key.pkcs8();
  const Owned<EVP_PKEY, EVP_PKEY_free> handle = open_pkcs8(pkcs8.view());
  const Owned<X509, X509_free> certificate(X509_new());
  must(handle != nullptr && certificate != nullptr && X509_set_version(certificate.get(), kVersion3) == 1 &&
       X509_set_pubkey(certificate.get(), handle.get()) == 1);
  set_serial(certificate.get());
  set_time(X509_getm_notBefore(certificate.get()), not_before);
  set_time(X509_getm_notAfter(certificate.get()), not_after);
  set_names(certificate.get(), common_name);
  for (const auto& [kind, value] : kExtensions) {
    const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
    must(extension != nullptr && X509_add_ext(certificate.get(), extension.get(), -1) == 1);
  }
  must(X509_sign(certificate.get(), handle.get(), EVP_sha256()) > 0);
  return bytes_of(write_pem("CERTIFICATE", {}, der_of(certificate.get())));
}

}  // namespace hallmark::crypto
