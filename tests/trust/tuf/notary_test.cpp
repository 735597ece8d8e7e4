// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/notary.h"

#include <set>

#include "tests/support/catch.h"
#include "tests/support/signing_key.h"
#include "tests/trust/tuf/verdict.h"
#include "trust/tuf/dialect.h"

using namespace hallmark;
using test::SigningKey;

namespace {

const tuf::Dialect& dialect() { return tuf::notary(); }

json::Value json_of(std::string_view text) { return json::parse("text", view_of(text)); }

tuf::Key key_of(std::string_view text) { return dialect().parse_key(json_of(text).object()); }

test::CertificateFacts leaf(const std::string& name) { return {name, kNow - kDay, kNow + kDay}; }

tuf::RootKeyStanding standing(const SigningKey& key, std::string_view gun) {
  return dialect().root_key(key_of(key.json()), gun);
}

}  // namespace

TEST_CASE("a key is named by its canonical content with an empty private part", "[trust][tuf]") {
  const std::string text =
      R"({"keyval":{"public":"1hRaWgOX0U3LKPg93TJcI8awY5/h98U1iINgQcttOyU="},"keytype":"ed25519","more":1})";
  REQUIRE(key_of(text).id == "04af30bb296344b55d7ec889065729b9188dc277f0d8032de74060dbb809998c");
  REQUIRE(key_of(text).material->kind() == crypto::KeyKind::ed25519);
  const std::string ecdsa =
      R"({"keytype":"ecdsa","keyval":{"private":null,"public":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6IucX6zKhFL3o6bC)"
      R"(2XgpUjQRo00KMx2LMP+RxSGBcQ2aYKBriU6cDoZNFCSs5mLMOUpY7ip7jH1Jr8OGaJNArQ=="}})";
  REQUIRE(key_of(ecdsa).id == "a273d49f25ed8371dadf80123c4368247e9c7ee13c5e334de2f33489097698d2");
  REQUIRE(key_of(ecdsa).canonical_id == key_of(ecdsa).id);
}

TEST_CASE("a certificate's canonical id is that of its bare key", "[trust][tuf]") {
  for (const SigningKey& bare : {SigningKey::ecdsa(), SigningKey::rsa()}) {
    const SigningKey certified = bare.certified(leaf("a/b"));
    const tuf::Key key = key_of(certified.json());
    REQUIRE(key.id == certified.id());
    REQUIRE(key.canonical_id == bare.id());
    REQUIRE(key.certificates.size() == 1);
  }
}

TEST_CASE("a key that is parsed again is the same one, however many there were", "[trust][tuf]") {
  std::vector<std::string> ids;
  for (int round = 0; round < 2; ++round) {
    for (unsigned char number = 0; number < 100; ++number) {
      const tuf::Key key =
          key_of(R"({"keytype":"ed25519","keyval":{"public":")" + base64_of(Bytes(32, number)) + "\"}}");
      REQUIRE(key.material->ed25519() == Bytes(32, number));
      ids.push_back(key.id);
    }
  }
  REQUIRE(std::equal(ids.begin(), ids.begin() + 100, ids.begin() + 100));
  REQUIRE(std::set<std::string>(ids.begin(), ids.end()).size() == 100);
  const SigningKey certified = SigningKey::ecdsa().certified(leaf("a/b"));
  REQUIRE(key_of(certified.json()).certificates.size() == key_of(certified.json()).certificates.size());
  REQUIRE(key_of(certified.json()).canonical_id == key_of(certified.json()).canonical_id);
}

TEST_CASE("a key that cannot be used has no material", "[trust][tuf]") {
  const SigningKey rsa = SigningKey::rsa();
  const SigningKey ecdsa = SigningKey::ecdsa();
  for (const SigningKey& key :
       {rsa.written_as("unheard-of", rsa.public_text()), rsa.written_as("ecdsa", rsa.public_text()),
        ecdsa.written_as("rsa", ecdsa.public_text()), ecdsa.written_as("ed25519", ecdsa.public_text()),
        ecdsa.written_as("ecdsa-x509", ecdsa.public_text()),
        ecdsa.written_as("rsa-x509", ecdsa.certified(leaf("x")).public_text()), ecdsa.written_as("ecdsa", "AAAA"),
        ecdsa.written_as("ecdsa", ""), ecdsa.written_as("ecdsa-x509", ""), ecdsa.written_as("ed25519", ""),
        SigningKey::rsa(1024), SigningKey::ecdsa("secp256k1"), SigningKey::ecdsa("brainpoolP384r1"),
        SigningKey::ecdsa("P-224")}) {
    INFO(key.type());
    const tuf::Key read = key_of(key.json());
    REQUIRE_FALSE(read.material);
    REQUIRE(read.id == key.id());
  }
}

TEST_CASE("a certificate that says it is encrypted is not asked a passphrase for", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  std::string pem = key.certified(leaf("g")).pem();
  pem.insert(pem.find('\n') + 1, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
  REQUIRE_FALSE(key_of(key.written_as("ecdsa-x509", base64_of(view_of(pem))).json()).material);
}

TEST_CASE("a key of a wrong form is refused", "[trust][tuf]") {
  for (const char* text :
       {R"({})", R"({"keytype":"ecdsa"})", R"({"keytype":1,"keyval":{"public":""}})", R"({"keytype":"x","keyval":{}})",
        R"({"keytype":"x","keyval":{"public":null}})", R"({"keytype":"x","keyval":{"public":"AAA"}})",
        R"({"Keytype":"x","keyval":{"public":"AAAA"}})"}) {
    INFO(text);
    REQUIRE_FAULT(key_of(text), Fault::corrupt);
  }
}

TEST_CASE("methods are read without regard to case and the unknown ones have no scheme", "[trust][tuf]") {
  const auto scheme = [](const std::string& method) {
    const std::string text = R"({"keyid":"a","method":")" + method + R"(","sig":"AA\r\nAA"})";
    const tuf::Signature signature = dialect().parse_signature(json_of(text).object());
    REQUIRE(signature.bytes.size() == 3);
    return dialect().scheme_of(signature);
  };
  REQUIRE(scheme("EdDSA") == crypto::Scheme::ed25519);
  REQUIRE(scheme("ecdsa") == crypto::Scheme::ecdsa_sha256_fixed);
  REQUIRE(scheme("RSAPSS") == crypto::Scheme::rsa_pss_sha256);
  REQUIRE(scheme("rsapkcs1v15") == crypto::Scheme::rsa_pkcs1_sha256);
  REQUIRE_FALSE(scheme("pycrypto-pkcs#1 pss"));
  REQUIRE_FALSE(scheme(""));
  REQUIRE_FALSE(scheme("eddsa "));
}

TEST_CASE("a signature needs all its members in the right case and padded base64", "[trust][tuf]") {
  for (const char* text :
       {R"({"method":"ecdsa","sig":"AAAA"})", R"({"keyid":"a","sig":"AAAA"})", R"({"keyid":"a","method":"ecdsa"})",
        R"({"keyid":"a","method":"ecdsa","Sig":"AAAA"})", R"({"keyid":"a","method":"ecdsa","sig":"AAA"})",
        R"({"keyid":"a","method":"ecdsa","sig":null})"}) {
    INFO(text);
    REQUIRE_FAULT(dialect().parse_signature(json_of(text).object()), Fault::corrupt);
  }
}

TEST_CASE("hashes are base64 of their own size, unknown algorithms are passed over", "[trust][tuf]") {
  const std::string zeros = base64_of(Bytes(32));
  REQUIRE(dialect().parse_hash("sha256", zeros)->hex() == std::string(64, '0'));
  REQUIRE(dialect().parse_hash("sha512", base64_of(Bytes(64)))->algorithm() == Algorithm::sha512);
  REQUIRE_FALSE(dialect().parse_hash("md5", "?"));
  REQUIRE_FAULT(dialect().parse_hash("sha256", base64_of(Bytes(31))), Fault::corrupt);
  REQUIRE_FAULT(dialect().parse_hash("sha512", zeros), Fault::corrupt);
  REQUIRE_FAULT(dialect().parse_hash("sha256", std::string(64, '0')), Fault::corrupt);
}

TEST_CASE("a delegation's name is the role that lists it and one word more", "[trust][tuf]") {
  REQUIRE(dialect().may_delegate("targets", "targets/releases"));
  REQUIRE(dialect().may_delegate("targets/a", "targets/a/b-1_c"));
  REQUIRE(dialect().may_delegate("targets", "targets/" + std::string(247, 'a')));
  for (const std::string child :
       {"targets", "targets/", "targets/a/b", "targets/A", "targets/a.b", "targets/..", "targets//a", "targetsx/a",
        "root", "snapshot/a", "targets/a/", "targets/\xc3\xa9", ""}) {
    INFO(child);
    REQUIRE_FALSE(dialect().may_delegate("targets", child));
  }
  REQUIRE_FALSE(dialect().may_delegate("targets/a", "targets/b"));
  REQUIRE_FALSE(dialect().may_delegate("targets", "targets/" + std::string(248, 'a')));
}

TEST_CASE("paths are prefixes", "[trust][tuf]") {
  REQUIRE(dialect().covers("", "anything"));
  REQUIRE(dialect().covers("1.", "1.2"));
  REQUIRE_FALSE(dialect().covers("1.", "1"));
  REQUIRE_FALSE(dialect().covers("*", "1"));
  REQUIRE(dialect().stays_within("1.", "1.2"));
  REQUIRE_FALSE(dialect().stays_within("1.", "1"));
}

TEST_CASE("files are asked for by hash or by the version of the root", "[trust][tuf]") {
  const Digest digest = Digest::of({});
  REQUIRE(dialect().file_name("timestamp") == "timestamp.json");
  REQUIRE(dialect().file_name("targets/releases", digest) == "targets/releases." + digest.hex() + ".json");
  REQUIRE(dialect().root_file_name(12) == "12.root.json");
}

TEST_CASE("a root key is a leaf certificate for the repository", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  REQUIRE(standing(key.certified(leaf("host/a/b")), "host/a/b").eligible);
  REQUIRE(standing(key.certified(leaf("host/a/*")), "host/a/b").eligible);
  REQUIRE(standing(key.certified(leaf("host/a/**")), "host/a/b").eligible);
  REQUIRE(standing(key.certified(leaf("*")), "host/a/b").eligible);
  REQUIRE(standing(SigningKey::rsa().certified(leaf("host/a/b")), "host/a/b").eligible);
  for (const std::string name : {"host/a", "host/a/bc", "host/b/*", "*/b", "host/*/b", "", "HOST/a/b"}) {
    INFO(name);
    REQUIRE_FALSE(standing(key.certified(leaf(name)), "host/a/b").eligible);
  }
  REQUIRE_FALSE(standing(key, "host/a/b").eligible);
  REQUIRE_FALSE(standing(SigningKey::ed25519(), "host/a/b").eligible);
}

TEST_CASE("a root certificate is no authority, not signed with SHA-1, and has its dates in order", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  REQUIRE_FALSE(standing(key.certified({"g", kNow, kNow + kDay, true, false}), "g").eligible);
  REQUIRE_FALSE(standing(key.certified({"g", kNow, kNow + kDay, false, true}), "g").eligible);
  REQUIRE_FALSE(standing(key.certified({"g", kNow + kDay, kNow}), "g").eligible);
  REQUIRE_FALSE(standing(SigningKey::rsa(1024).certified(leaf("g")), "g").eligible);
}

TEST_CASE("behind a root certificate only authorities may follow", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  const std::string authority = SigningKey::ecdsa().certified({"ca", kNow, kNow + kDay, true, false}).pem();
  const std::string second = SigningKey::ecdsa().certified(leaf("g")).pem();
  REQUIRE(standing(key.certified(leaf("g"), authority), "g").eligible);
  REQUIRE_FALSE(standing(key.certified(leaf("g"), authority + second), "g").eligible);
}
