// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/signatures.h"

#include "tests/trust/tuf/verdict.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

const std::string kText = R"({"a":"<b>","c":1})";

/// A document and the keys that it is judged by.
struct Paper {
  std::vector<std::string> entries;
  tuf::Keys keys;
  tuf::Role signers{{}, 1};

  Paper& know(const SigningKey& key) { return know(key, key.id()); }
  Paper& know(const SigningKey& key, const std::string& id) {
    const json::Value value = json::parse("key", view_of(key.json()));
    keys.emplace(id, tuf::notary().parse_key(value.object()));
    signers.key_ids.push_back(id);
    return *this;
  }
  Paper& put(const std::string& id, const std::string& method, const Bytes& signature) {
    entries.push_back(TufRepository::signature_entry(id, method, signature));
    return *this;
  }
  Paper& sign(const SigningKey& key) { return put(key.id(), key.method(), key.sign(view_of(kText), key.method())); }

  [[nodiscard]] tuf::Envelope envelope() const {
    std::string list;
    for (const std::string& entry : entries) list += (list.empty() ? "" : ",") + entry;
    const std::string file = R"({"signed":)" + kText + R"(,"signatures":[)" + list + "]}";
    return tuf::Envelope::read(tuf::notary(), "targets", view_of(file));
  }
  [[nodiscard]] std::size_t count() const {
    return tuf::signing_keys(tuf::notary(), envelope(), keys, signers.key_ids).size();
  }
  [[nodiscard]] bool met(std::int64_t threshold) const {
    return tuf::verify_role(tuf::notary(), envelope(), keys, {signers.key_ids, threshold}).met;
  }
};

Bytes message() { return bytes_of(kText); }

}  // namespace

TEST_CASE("every kind of key can sign", "[trust][tuf]") {
  const CertificateFacts facts{"anybody", kNow, kNow + kDay};
  for (const SigningKey& key :
       {SigningKey::ed25519(), SigningKey::ecdsa("P-256"), SigningKey::ecdsa("P-384"), SigningKey::ecdsa("P-521"),
        SigningKey::rsa(2048), SigningKey::ecdsa().certified(facts), SigningKey::rsa().certified(facts)}) {
    INFO(key.type());
    REQUIRE(Paper().know(key).sign(key).count() == 1);
    Bytes other = key.sign(view_of("something else"), key.method());
    REQUIRE(Paper().know(key).put(key.id(), key.method(), other).count() == 0);
  }
  const SigningKey rsa = SigningKey::rsa();
  REQUIRE(Paper().know(rsa).put(rsa.id(), "rsapkcs1v15", rsa.sign(message(), "rsapkcs1v15")).count() == 1);
}

TEST_CASE("a certificate's intermediates are no keys of the role", "[trust][tuf]") {
  const SigningKey authority = SigningKey::ecdsa().certified({"ca", kNow, kNow + kDay, true, false});
  const SigningKey key = SigningKey::ecdsa().certified({"leaf", kNow, kNow + kDay}, authority.pem());
  REQUIRE(Paper().know(key).sign(key).count() == 1);
  REQUIRE(Paper().know(key).put(key.id(), "ecdsa", authority.sign(message(), "ecdsa")).count() == 0);
}

TEST_CASE("an ECDSA signature has a fixed width and is no DER", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  const Bytes good = key.sign(message(), "ecdsa");
  REQUIRE(good.size() == 64);
  REQUIRE(Paper().know(key).put(key.id(), "ecdsa", key.sign_der(message())).count() == 0);
  Bytes shorter(good.begin(), good.end() - 1);
  Bytes longer = good;
  longer.push_back(0);
  Bytes padded(33, 0);
  std::copy(good.begin(), good.begin() + 32, padded.begin() + 1);
  padded.push_back(0);
  padded.insert(padded.end(), good.begin() + 32, good.end());
  for (const Bytes& wrong : {Bytes{}, shorter, longer, padded, Bytes(64)}) {
    REQUIRE(Paper().know(key).put(key.id(), "ecdsa", wrong).count() == 0);
  }
}

TEST_CASE("an RSA signature is as long as the modulus", "[trust][tuf]") {
  const SigningKey key = SigningKey::rsa();
  Bytes longer = key.sign(message(), "rsapss");
  longer.insert(longer.begin(), 0);
  REQUIRE(Paper().know(key).put(key.id(), "rsapss", longer).count() == 0);
  REQUIRE(Paper().know(key).put(key.id(), "rsapss", {}).count() == 0);
  Bytes shorter = key.sign(message(), "rsapss");
  while (shorter.front() != 0) shorter = key.sign(message(), "rsapss");
  REQUIRE(Paper().know(key).put(key.id(), "rsapss", shorter).count() == 1);
  shorter.erase(shorter.begin());
  REQUIRE(Paper().know(key).put(key.id(), "rsapss", shorter).count() == 0);
}

TEST_CASE("the method must be one of the key", "[trust][tuf]") {
  const SigningKey ecdsa = SigningKey::ecdsa();
  const SigningKey rsa = SigningKey::rsa();
  for (const char* method : {"eddsa", "rsapss", "", "none", "ecdsa2"}) {
    REQUIRE(Paper().know(ecdsa).put(ecdsa.id(), method, ecdsa.sign(message(), "ecdsa")).count() == 0);
  }
  REQUIRE(Paper().know(rsa).put(rsa.id(), "rsapkcs1v15", rsa.sign(message(), "rsapss")).count() == 0);
  REQUIRE(Paper().know(rsa).put(rsa.id(), "rsapss", rsa.sign(message(), "rsapkcs1v15")).count() == 0);
}

TEST_CASE("a key counts once however often it signed", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  const Paper paper = Paper().know(key).sign(key).sign(key);
  REQUIRE(paper.count() == 1);
  REQUIRE_FALSE(paper.met(2));
  const Bytes wrong(64, 1);
  REQUIRE(Paper().know(key).put(key.id(), "ecdsa", wrong).sign(key).count() == 1);
}

TEST_CASE("a key counts once under however many ids", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  const SigningKey certified = key.certified({"anybody", kNow, kNow + kDay});
  const SigningKey broken_line =
      key.written_as("ecdsa", key.public_text().substr(0, 8) + "\n" + key.public_text().substr(8));
  REQUIRE(key.id() != certified.id());
  REQUIRE(key.id() != broken_line.id());
  const Paper paper = Paper().know(key).know(certified).know(broken_line).sign(key).sign(certified).sign(broken_line);
  REQUIRE(paper.count() == 1);
  REQUIRE_FALSE(paper.met(2));
}

TEST_CASE("signatures of keys that are not the role's do not count", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  const SigningKey stranger = SigningKey::ecdsa();
  REQUIRE(Paper().know(key).sign(stranger).count() == 0);
  REQUIRE(Paper().know(key).put(key.id(), "ecdsa", stranger.sign(message(), "ecdsa")).count() == 0);
  Paper paper = Paper().know(key).know(stranger).sign(stranger);
  paper.signers.key_ids = {key.id()};  // listed among the keys, but not for this role
  REQUIRE(paper.count() == 0);
  REQUIRE(Paper().know(key).sign(stranger).sign(key).count() == 1);
}

TEST_CASE("a key that signed must be listed under its own id", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  const SigningKey other = SigningKey::ecdsa();
  Paper paper = Paper().know(key, other.id());
  paper.put(other.id(), "ecdsa", key.sign(message(), "ecdsa"));
  REQUIRE_FAULT(paper.count(), Fault::corrupt);
  // Nobody looks at a key without a signature.
  REQUIRE(Paper().know(key).know(key, other.id()).sign(key).count() == 1);
}

TEST_CASE("a threshold needs that many keys", "[trust][tuf]") {
  const SigningKey a = SigningKey::ecdsa();
  const SigningKey b = SigningKey::ed25519();
  const SigningKey c = SigningKey::ecdsa();
  Paper paper = Paper().know(a).know(b).know(c);
  REQUIRE_FALSE(paper.met(1));
  paper.sign(a);
  REQUIRE(paper.met(1));
  REQUIRE_FALSE(paper.met(2));
  paper.sign(c);
  REQUIRE(paper.met(2));
  REQUIRE_FALSE(paper.met(3));
  REQUIRE_FALSE(paper.met(std::int64_t{1} << 53U));
}

TEST_CASE("a key of an unknown make never counts", "[trust][tuf]") {
  const SigningKey key = SigningKey::ecdsa();
  const SigningKey weak = SigningKey::rsa(1024);
  const SigningKey strange = key.written_as("ecdsa2", key.public_text());
  REQUIRE(Paper().know(weak).sign(weak).count() == 0);
  REQUIRE(Paper().know(strange).sign(strange).count() == 0);
}
