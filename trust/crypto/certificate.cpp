// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/certificate.h"

#include "trust/crypto/openssl.h"
#include "trust/error.h"

namespace hallmark::crypto {
namespace {

/// More than any chain has: each costs a key to be parsed.
constexpr std::size_t kMostCertificates = 16;

Time time_of(const ASN1_TIME* asn1) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(asn1, &broken_down) != 1) fail(Fault::corrupt, "certificate with a date that is none");
  const auto date = std::chrono::year(broken_down.tm_year + 1900) /
                    std::chrono::month(static_cast<unsigned>(broken_down.tm_mon + 1)) /
                    std::chrono::day(static_cast<unsigned>(broken_down.tm_mday));
  return std::chrono::sys_days(date) + std::chrono::hours(broken_down.tm_hour) +
         std::chrono::minutes(broken_down.tm_min) + std::chrono::seconds(broken_down.tm_sec);
}

std::string common_name_of(X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return {};
  // Readers take the first or the last one: such a certificate would be for two repositories.
  if (X509_NAME_get_index_by_NID(subject, NID_commonName, index) >= 0) {
    fail(Fault::corrupt, "certificate with two common names");
  }
  std::uint8_t* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  if (length < 0) fail(Fault::corrupt, "certificate with a common name that is no text");
  // With its length: a NUL inside stays, and makes it another name than the one before the NUL.
  std::string name(utf8, utf8 + length);
  OPENSSL_free(utf8);
  return name;
}

bool has_weak_signature(X509* certificate) {
  int digest = NID_undef;
  // Nobody rests on this signature, since pins and roots say whom to trust: an unknown one is no fault.
  if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) return false;
  return digest == NID_sha1 || digest == NID_md5 || digest == NID_md2 || digest == NID_md5_sha1;
}

PublicKey key_of(X509* certificate) {
  std::uint8_t* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (length <= 0) fail(Fault::corrupt, "certificate without a public key");
  const Bytes spki(der, der + length);
  OPENSSL_free(der);
  return PublicKey::from_spki(spki);
}

Certificate facts_of(X509* certificate) {
  return {common_name_of(certificate),
          X509_check_ca(certificate) == 1,
          has_weak_signature(certificate),
          time_of(X509_get0_notBefore(certificate)),
          time_of(X509_get0_notAfter(certificate)),
          key_of(certificate)};
}

/// A block may say that it is encrypted; without this OpenSSL would ask the terminal for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return -1; }

/// The PEM reader passes over blocks of another kind; they are counted here so that they can be refused.
std::size_t blocks_in(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  std::size_t count = 0;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) ++count;
  return count;
}

}  // namespace

std::vector<Certificate> parse_certificates(ByteView pem) {
  if (pem.empty()) fail(Fault::corrupt, "no PEM certificate");  // OpenSSL makes no BIO of no bytes
  Owned<BIO, BIO_free_all> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (text == nullptr) fail(Fault::local, "OpenSSL is out of memory");
  std::vector<Certificate> certificates;
  for (;;) {
    Owned<X509, X509_free> certificate(PEM_read_bio_X509(text.get(), nullptr, no_passphrase, nullptr));
    if (certificate == nullptr) break;
    if (certificates.size() == kMostCertificates)
      fail(Fault::corrupt, "more than ", kMostCertificates, " certificates");
    certificates.push_back(facts_of(certificate.get()));
  }
  // The reader ends in the same way behind the last block and at a damaged one; only the queue of errors tells.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  forget_errors();
  if (!at_end) fail(Fault::corrupt, "not a PEM certificate");
  if (certificates.empty()) fail(Fault::corrupt, "no PEM certificate");
  if (blocks_in(text_of(pem)) != certificates.size()) fail(Fault::corrupt, "PEM blocks that are no certificates");
  return certificates;
}

}  // namespace hallmark::crypto
