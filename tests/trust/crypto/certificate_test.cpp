// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/certificate.h"

#include "tests/support/catch.h"
#include "tests/support/signing_key.h"

using namespace hallmark;
using test::CertificateFacts;
using test::SigningKey;

namespace {

const Time kBegin = parse_time("2026-01-01T00:00:00Z");
const Time kEnd = parse_time("2036-01-01T00:00:00Z");

std::string pem_of(const CertificateFacts& facts) { return SigningKey::ecdsa().certified(facts).pem(); }

std::vector<crypto::Certificate> read(const std::string& pem) { return crypto::parse_certificates(view_of(pem)); }

}  // namespace

TEST_CASE("the facts of a certificate are read", "[trust]") {
  const std::string long_name(95, 'a');
  const auto certificates = read(pem_of({long_name, kBegin, kEnd}));
  REQUIRE(certificates.size() == 1);
  REQUIRE(certificates.front().common_name == long_name);
  REQUIRE(certificates.front().not_before == kBegin);
  REQUIRE(certificates.front().not_after == kEnd);
  REQUIRE_FALSE(certificates.front().is_authority);
  REQUIRE_FALSE(certificates.front().signed_with_sha1);
  REQUIRE(certificates.front().key.kind() == crypto::KeyKind::ecdsa);
}

TEST_CASE("an authority and a weak signature are told", "[trust]") {
  REQUIRE(read(pem_of({"a", kBegin, kEnd, true, false})).front().is_authority);
  REQUIRE(read(pem_of({"a", kBegin, kEnd, false, true})).front().signed_with_sha1);
}

TEST_CASE("certificates keep their order", "[trust]") {
  const auto certificates = read(pem_of({"leaf", kBegin, kEnd}) + pem_of({"authority", kBegin, kEnd, true, false}));
  REQUIRE(certificates.size() == 2);
  REQUIRE(certificates[0].common_name == "leaf");
  REQUIRE(certificates[1].common_name == "authority");
}

TEST_CASE("what is no bundle of certificates is refused", "[trust]") {
  const std::string good = pem_of({"a", kBegin, kEnd});
  const std::string private_block = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
  for (const std::string& text :
       {std::string(), std::string("text"), good + private_block, private_block + good, good.substr(0, good.size() / 2),
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" + good}) {
    INFO(text);
    REQUIRE_FAULT(read(text), Fault::corrupt);
  }
}

TEST_CASE("a certificate with a short RSA key is refused", "[trust]") {
  REQUIRE_NOTHROW(read(SigningKey::rsa(2048).certified({"a", kBegin, kEnd}).pem()));
  REQUIRE_FAULT(read(SigningKey::rsa(1024).certified({"a", kBegin, kEnd}).pem()), Fault::corrupt);
}
