// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/self_signed.h"

#include "tests/support/catch.h"
#include "trust/crypto/certificate.h"
#include "trust/crypto/pem.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::crypto;

namespace {

const Time kValidFrom = parse_time("2026-11-24T00:00:00.5Z");
const Time kValidUntil = parse_time("2066-11-24T00:00:00Z");  // beyond what a UTCTime can say

SecretKey ed25519() {
  Bytes raw = parse_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Bytes seed = parse_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const Bytes key = raw;
  raw.insert(raw.end(), seed.begin(), seed.end());
  raw.insert(raw.end(), key.begin(), key.end());
  return SecretKey::from_notary_ed25519(raw);
}

}  // namespace

TEST_CASE("a new certificate may list a root key of its repository", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  for (const std::string& gun : {std::string("registry.example:5000/lib/app_1"), std::string(200, 'g')}) {
    const Bytes pem = make_certificate(key, gun, kValidFrom, kValidUntil);
    const auto certificates = parse_certificates(pem);
    REQUIRE(certificates.size() == 1);
    const Certificate& leaf = certificates.front();
    REQUIRE(leaf.common_name == gun);
    REQUIRE(leaf.key == key.public_key());
    REQUIRE(to_text(leaf.not_before) == "2026-11-24T00:00:00Z");
    REQUIRE(leaf.not_after == kValidUntil);
    REQUIRE_FALSE(leaf.is_authority);
    REQUIRE_FALSE(leaf.signed_with_sha1);
    const tuf::Key listed = tuf::notary().parse_key(tuf::notary().write_certificate(pem).object());
    REQUIRE(tuf::notary().root_key(listed, gun).eligible);
    REQUIRE_FALSE(tuf::notary().root_key(listed, gun + "x").eligible);
    REQUIRE(listed.canonical_id == tuf::notary().parse_key(tuf::notary().write_key(key.public_key()).object()).id);
  }
}

TEST_CASE("a certificate has what Notary's has", "[trust]") {
  const Bytes pem = make_certificate(SecretKey::generate_ecdsa(), "a", kValidFrom, kValidUntil);
  const auto blocks = parse_pem(pem);
  const std::string der = hex_of(blocks.front().content.view());
  REQUIRE(der.find("0210") != std::string::npos);                                    // a serial number of 16 bytes
  REQUIRE(der.find("0603551d0f0101ff0404030205a0") != std::string::npos);            // key usage, critical
  REQUIRE(der.find("0603551d25040c300a06082b06010505070303") != std::string::npos);  // code signing
  REQUIRE(der.find("0603551d130101ff04023000") != std::string::npos);                // no authority, critical
  REQUIRE(der.find("06082a8648ce3d040302") != std::string::npos);                    // ECDSA with SHA-256
}

TEST_CASE("each certificate has its own serial number", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  REQUIRE_FALSE(make_certificate(key, "a", kValidFrom, kValidUntil) ==
                make_certificate(key, "a", kValidFrom, kValidUntil));
}

TEST_CASE("certificates that could not be used are not made", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  REQUIRE_FAULT(make_certificate(key, "", kValidFrom, kValidUntil), Fault::usage);
  REQUIRE_FAULT(make_certificate(key, "a", kValidUntil, kValidFrom), Fault::usage);
  REQUIRE_FAULT(make_certificate(key, "a", kValidFrom, kValidFrom), Fault::usage);
  REQUIRE_FAULT(make_certificate(ed25519(), "a", kValidFrom, kValidUntil), Fault::usage);
}
