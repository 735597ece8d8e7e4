// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/key.h"

#include "tests/support/catch.h"
#include "tests/support/signing_key.h"

using namespace hallmark;
using crypto::PublicKey;
using crypto::Scheme;
using test::SigningKey;

namespace {

const Bytes kMessage = bytes_of("message");

PublicKey public_of(const SigningKey& key) {
  const Bytes raw = parse_base64(key.public_text());
  return key.type() == "ed25519" ? PublicKey::from_ed25519(raw) : PublicKey::from_spki(raw);
}

Bytes changed(Bytes bytes) {
  bytes[bytes.size() / 2] ^= 1U;
  return bytes;
}

}  // namespace

TEST_CASE("a bare key has one id, which is the one that Notary lists it by", "[trust]") {
  for (const SigningKey& key : {SigningKey::ed25519(), SigningKey::ecdsa("P-256"), SigningKey::ecdsa("P-384"),
                                SigningKey::ecdsa("P-521"), SigningKey::rsa()}) {
    INFO(key.type());
    CHECK(public_of(key).id() == key.id());
  }
  const Bytes raw = parse_base64("1hRaWgOX0U3LKPg93TJcI8awY5/h98U1iINgQcttOyU=");
  CHECK(PublicKey::from_ed25519(raw).id() == "04af30bb296344b55d7ec889065729b9188dc277f0d8032de74060dbb809998c");
}

TEST_CASE("a signature is good for its message, its key and its scheme alone", "[trust]") {
  struct Row {
    SigningKey key;
    std::string method;
    Scheme scheme;
  };
  for (const Row& row : {Row{SigningKey::ed25519(), "eddsa", Scheme::ed25519},
                         Row{SigningKey::ecdsa("P-256"), "ecdsa", Scheme::ecdsa_sha256_fixed},
                         Row{SigningKey::ecdsa("P-384"), "ecdsa", Scheme::ecdsa_sha256_fixed},
                         Row{SigningKey::ecdsa("P-521"), "ecdsa", Scheme::ecdsa_sha256_fixed},
                         Row{SigningKey::rsa(), "rsapss", Scheme::rsa_pss_sha256},
                         Row{SigningKey::rsa(), "rsapkcs1v15", Scheme::rsa_pkcs1_sha256}}) {
    INFO(row.method);
    const PublicKey key = public_of(row.key);
    const Bytes signature = row.key.sign(kMessage, row.method);
    REQUIRE(key.verifies(row.scheme, kMessage, signature));
    REQUIRE_FALSE(key.verifies(row.scheme, changed(kMessage), signature));
    REQUIRE_FALSE(key.verifies(row.scheme, kMessage, changed(signature)));
    REQUIRE_FALSE(key.verifies(row.scheme, kMessage, ByteView(signature).first(signature.size() - 1)));
    REQUIRE_FALSE(key.verifies(row.scheme, kMessage, {}));
    for (const Scheme other :
         {Scheme::ed25519, Scheme::ecdsa_sha256_fixed, Scheme::rsa_pss_sha256, Scheme::rsa_pkcs1_sha256}) {
      if (other != row.scheme) REQUIRE_FALSE(key.verifies(other, kMessage, signature));
    }
  }
}

TEST_CASE("an ECDSA signature in DER is no signature here", "[trust]") {
  const SigningKey key = SigningKey::ecdsa();
  REQUIRE_FALSE(public_of(key).verifies(Scheme::ecdsa_sha256_fixed, kMessage, key.sign_der(kMessage)));
}

TEST_CASE("keys are read whole or not at all", "[trust]") {
  Bytes spki = parse_base64(SigningKey::ecdsa().public_text());
  REQUIRE(PublicKey::from_spki(spki).spki() == spki);
  spki.push_back(0);
  REQUIRE_FAULT(PublicKey::from_spki(spki), Fault::corrupt);
  REQUIRE_FAULT(PublicKey::from_spki({}), Fault::corrupt);
  REQUIRE_FAULT(PublicKey::from_ed25519(Bytes(31)), Fault::corrupt);
  REQUIRE_FAULT(public_of(SigningKey::rsa(1024)), Fault::corrupt);
}

TEST_CASE("equal keys are equal however they came", "[trust]") {
  const SigningKey one = SigningKey::ecdsa();
  REQUIRE(public_of(one) == public_of(one));
  REQUIRE_FALSE(public_of(one) == public_of(SigningKey::ecdsa()));
  REQUIRE_FALSE(public_of(one) == public_of(SigningKey::ed25519()));
}
