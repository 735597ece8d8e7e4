// SPDX-License-Identifier: Apache-2.0
//
// Keys that sign trust metadata in tests, made when they are needed: no private key is kept in a file.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/time.h"

namespace hallmark::test {

/// What stands in a certificate.
struct CertificateFacts {
  std::string common_name;
  Time not_before;
  Time not_after;
  bool is_authority = false;
  bool with_sha1 = false;
};

class SigningKey {
 public:
  static SigningKey ed25519();
  /// "P-256", "P-384" or "P-521".
  static SigningKey ecdsa(const char* curve = "P-256");
  static SigningKey rsa(unsigned bits = 2048);

  /// The same private key, known by a self-signed certificate; `chain` is appended to its PEM.
  [[nodiscard]] SigningKey certified(const CertificateFacts& facts, const std::string& chain = {}) const;
  /// The same key under another text of its public part.
  [[nodiscard]] SigningKey written_as(std::string type, std::string public_text) const;

  /// "ecdsa-x509"
  [[nodiscard]] const std::string& type() const { return type_; }
  /// The member "public".
  [[nodiscard]] const std::string& public_text() const { return public_text_; }
  /// The PEM text of a certified key.
  [[nodiscard]] std::string pem() const;
  /// The TUF key id.
  [[nodiscard]] std::string id() const;
  /// The key as metadata lists it.
  [[nodiscard]] std::string json() const;

  /// "ecdsa", "eddsa" or "rsapss".
  [[nodiscard]] std::string method() const;
  /// In the form that metadata has. `method` may also be "rsapkcs1v15".
  [[nodiscard]] Bytes sign(ByteView message, std::string_view method) const;
  /// ECDSA as DER, which metadata must not have.
  [[nodiscard]] Bytes sign_der(ByteView message) const;

 private:
  struct Private;
  explicit SigningKey(std::shared_ptr<const Private> key);

  std::shared_ptr<const Private> private_;
  std::string type_;
  std::string public_text_;
};

}  // namespace hallmark::test
