// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/key_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/catch.h"
#include "tests/support/signing_key.h"
#include "trust/json.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::crypto;

namespace {

std::string read_vector(const std::string& name) {
  std::ifstream file(std::filesystem::path(HALLMARK_VECTORS) / "dct/25-private-keys" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Secret passphrase(std::string_view text) { return Secret(view_of(text)); }

std::string id_of(const PublicKey& key) {
  return tuf::notary().parse_key(tuf::notary().write_key(key).object()).canonical_id;
}

std::vector<KeyFile> parse(std::string_view pem) { return read_key_files(view_of(pem)); }

SecretKey open(const std::string& pem, std::string_view words) {
  const Secret secret = passphrase(words);
  const auto files = parse(pem);
  return open_key(files.front(), &secret);
}

Scheme scheme_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::ed25519: return Scheme::ed25519;
    case KeyKind::ecdsa: return Scheme::ecdsa_sha256_fixed;
    case KeyKind::rsa: break;
  }
  return Scheme::rsa_pss_sha256;
}

void require_signs(const SecretKey& key) {
  const ByteView message = view_of("what is signed");
  const Bytes signature = key.sign(scheme_of(key.kind()), message);
  REQUIRE(key.public_key().verifies(scheme_of(key.kind()), message, signature));
  REQUIRE_FALSE(key.public_key().verifies(scheme_of(key.kind()), view_of("another"), signature));
}

std::string cut(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.substr(0, at) + to + text.substr(at + from.size());
}

const std::string kSealed = "ecdsa-pkcs8-enc-sha1prf.pem";

}  // namespace

TEST_CASE("every container of a private key is read and signs", "[trust]") {
  const std::string text = read_vector("key-ids.json");
  const json::Value document = json::parse("key-ids", view_of(text));
  const auto& members = document.object().at("key_ids").object().members();
  REQUIRE(members.size() == 12);
  for (const auto& [name, id] : members) {
    INFO(name);
    const std::string pem = read_vector(name);
    const std::vector<KeyFile> files = parse(pem);
    REQUIRE(files.size() == 1);
    const bool encrypted = pem.find("ENCRYPTED") != std::string::npos;
    REQUIRE(files.front().encrypted == encrypted);
    REQUIRE(files.front().role == (name.starts_with("ed25519") ? "eddie" : ""));
    const SecretKey key = open(pem, "repopass1");
    REQUIRE(id_of(key.public_key()) == id.string());
    require_signs(key);
    if (!encrypted) continue;
    const Secret wrong = passphrase("repopass2");
    REQUIRE_THROWS_AS(open_key(files.front(), &wrong), WrongPassphrase);
    REQUIRE_FAULT(open_key(files.front(), &wrong), Fault::usage);
    REQUIRE_FAULT(open_key(files.front(), nullptr), Fault::usage);
  }
}

TEST_CASE("a key that is not encrypted needs no passphrase", "[trust]") {
  REQUIRE_NOTHROW(open_key(parse(read_vector("ecdsa-pkcs8-plain.pem")).front(), nullptr));
}

TEST_CASE("what is written is read again, in docker's and Notary's form", "[trust]") {
  for (const char* name : {"ecdsa-pkcs8-plain.pem", "rsa-pkcs1-plain.pem", "ed25519-legacy.pem"}) {
    INFO(name);
    const SecretKey key = open(read_vector(name), "");
    const std::string pem = write_key_file(key, "targets", "registry.example:5000/lib/app", passphrase("long enough"));
    REQUIRE(
        pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                        "gun: registry.example:5000/lib/app\nrole: targets\n\nM"));
    REQUIRE(pem.ends_with("\n-----END ENCRYPTED PRIVATE KEY-----\n"));
    const auto files = parse(pem);
    REQUIRE(files.front().role == "targets");
    REQUIRE(files.front().gun == "registry.example:5000/lib/app");
    const SecretKey again = open(pem, "long enough");
    REQUIRE(again.public_key() == key.public_key());
    require_signs(again);
    REQUIRE_THROWS_AS(open(pem, "long enoug"), WrongPassphrase);
    REQUIRE_THROWS_AS(open(pem, ""), WrongPassphrase);
  }
}

TEST_CASE("the encryption is the one that Notary can read", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  const auto files = parse(write_key_file(key, "root", "", passphrase("long enough")));
  const std::string der = hex_of(files.front().block.content.view());
  REQUIRE(der.find("06092a864886f70d01050d") != std::string::npos);          // PBES2
  REQUIRE(der.find("06092a864886f70d01050c300e0408") != std::string::npos);  // PBKDF2, salt of 8 bytes
  REQUIRE(der.find("02020800") != std::string::npos);                        // 2048 rounds
  REQUIRE(der.find("060960864801650304012a0410") != std::string::npos);      // AES-256-CBC
}

TEST_CASE("only an empty passphrase leaves a key unencrypted", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  const std::string pem = write_key_file(key, "alice", "", passphrase(""));
  REQUIRE(pem.starts_with("-----BEGIN PRIVATE KEY-----\nrole: alice\n\nM"));
  REQUIRE(open_key(parse(pem).front(), nullptr).public_key() == key.public_key());
}

TEST_CASE("names that would break the file are not written", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  REQUIRE_FAULT(write_key_file(key, "a\nb", "", passphrase("long enough")), Fault::usage);
  REQUIRE_FAULT(write_key_file(key, "", "", passphrase("long enough")), Fault::usage);
  REQUIRE_FAULT(write_key_file(key, "targets", "a\rb", passphrase("long enough")), Fault::usage);
}

TEST_CASE("a bundle of several keys is read in its order", "[trust]") {
  const std::string exported =
      cut(read_vector("ed25519-notary-pkcs8-enc.pem"), "role: eddie", "path: 1a45\nrole: eddie");
  const auto files = parse(read_vector("ecdsa-sec1-plain.pem") + exported + read_vector("rsa-pkcs1-dek-aes256.pem"));
  REQUIRE(files.size() == 3);
  REQUIRE(files[0].block.type == "EC PRIVATE KEY");
  REQUIRE(files[1].path == "1a45");
  REQUIRE(files[1].role == "eddie");
  REQUIRE(files[2].encrypted);
}

TEST_CASE("what is known of a key by its place goes into a bundle", "[trust]") {
  const Secret secret = passphrase("repopass1");
  KeyFile file = std::move(parse(write_key_file(SecretKey::generate_ecdsa(), "root", {}, secret)).front());
  file.block.headers.clear();
  file.role = "targets";
  file.gun = "localhost/a";
  const KeyFile back = std::move(parse(write_for_bundle(file, "abc")).front());
  REQUIRE(back.role == "targets");
  REQUIRE(back.gun == "localhost/a");
  REQUIRE(back.path == "abc");
}

TEST_CASE("a key goes into a bundle as it is, under its path", "[trust]") {
  for (const char* name : {"ed25519-notary-pkcs8-enc.pem", "rsa-pkcs1-dek-aes256.pem", "ecdsa-pkcs8-plain.pem"}) {
    const std::string bundle =
        write_for_bundle(parse(write_for_bundle(parse(read_vector(name)).front(), "old")).front(), "new");
    const auto files = parse(bundle);
    REQUIRE(files.front().path == "new");
    REQUIRE(files.front().role == parse(read_vector(name)).front().role);
    REQUIRE(open(bundle, "repopass1").public_key() == open(read_vector(name), "repopass1").public_key());
    REQUIRE_FAULT(write_for_bundle(files.front(), "a\nb"), Fault::usage);
  }
}

TEST_CASE("the curve's name before a key and the line ends of Windows do no harm", "[trust]") {
  std::string pem = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  for (const char letter : read_vector("ecdsa-sec1-dek-aes256.pem"))
    pem += letter == '\n' ? "\r\n" : std::string(1, letter);
  REQUIRE_NOTHROW(open(pem, "repopass1"));
}

TEST_CASE("a key file may have text around its blocks, and public halves beside the key", "[trust]") {
  const std::string good = read_vector(kSealed);
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
  const std::vector<std::string> texts{
      "Bag Attributes\n    localKeyID: 01 02\nKey Attributes: <No Attributes>\n" + good,
      "text\r\n\r\n" + good + "\nmore text", certificate + good, good + "subject=CN = x\n\n" + certificate};
  for (const std::string& text : texts) {
    INFO(text);
    REQUIRE(parse(text).size() == 1);
    REQUIRE_NOTHROW(open(text, "repopass1"));
  }
}

TEST_CASE("a public file is told from one with a secret", "[trust]") {
  const std::string bare = write_public_key_file(SecretKey::generate_ecdsa().public_key(), "alice");
  REQUIRE(is_public_text(view_of("Certificate:\n" + bare)));
  REQUIRE_FALSE(is_public_text(view_of(bare + read_vector(kSealed))));
  REQUIRE_FALSE(is_public_text(view_of("text")));
}

TEST_CASE("a file that is no key file is refused", "[trust]") {
  const std::string good = read_vector(kSealed);
  const std::string plain = read_vector("ecdsa-pkcs8-plain.pem");
  REQUIRE_NOTHROW(parse(good));
  const std::vector<std::string> bad{
      "",
      "text",
      good.substr(0, good.size() / 2),
      good.substr(0, good.size() - 2),
      good + "-----END PRIVATE KEY-----\n",
      "-----BEGIN PRIVATE KEY---- \n" + good,
      good + "-----BEGIN PRIVATE KEY-----\n",
      good + "-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n",
      "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
      "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
      cut(good, "\nM", "\n*"),
      cut(plain, "KEY-----\n", "KEY-----\nrole: a\nrole: b\n\n"),
      cut(plain, "KEY-----\n", "KEY-----\nrole: a\x1b[2J\n\n"),
  };
  for (const std::string& text : bad) {
    INFO(text);
    REQUIRE_FAULT(parse(text), Fault::usage);
  }
}

TEST_CASE("a key that is damaged inside is refused", "[trust]") {
  const auto refused = [](const std::string& type, const Bytes& der) {
    REQUIRE_FAULT(open(write_pem(type, {}, der), "repopass1"), Fault::usage);
  };
  for (const char* name : {"ecdsa-pkcs8-plain.pem", "ecdsa-sec1-plain.pem", "rsa-pkcs1-plain.pem", "ed25519-legacy.pem",
                           "ed25519-notary-pkcs8-plain.pem", kSealed.c_str()}) {
    INFO(name);
    const auto files = parse(read_vector(name));
    const PemBlock& block = files.front().block;
    const Bytes der(block.content.view().begin(), block.content.view().end());
    refused(block.type, Bytes(der.begin(), der.end() - 1));
    Bytes longer = der;
    longer.push_back(0);
    refused(block.type, longer);
    Bytes flipped = der;
    flipped[flipped.size() - 1] ^= 1U;  // of the public half; or of the last cipher block
    refused(block.type, flipped);
  }
}

TEST_CASE("a private key that is not that of the public key beside it is refused", "[trust]") {
  const auto files = parse(read_vector("ecdsa-sec1-plain.pem"));
  Bytes der(files.front().block.content.view().begin(), files.front().block.content.view().end());
  der[10] ^= 1U;
  const std::string pem = write_pem("EC PRIVATE KEY", {}, der);
  REQUIRE_FAULT(open(pem, ""), Fault::usage);
}

TEST_CASE("ways of encryption that are not known, or cost too much, are refused", "[trust]") {
  const auto files = parse(read_vector(kSealed));
  const std::string der = hex_of(files.front().block.content.view());
  const auto rebuilt = [&](const std::string& from, const std::string& to) {
    return write_pem("ENCRYPTED PRIVATE KEY", {}, parse_hex(cut(der, from, to)));
  };
  REQUIRE_NOTHROW(open(rebuilt("02020800", "02020800"), "repopass1"));
  REQUIRE_THROWS_AS(open(rebuilt("02020800", "02020801"), "repopass1"), WrongPassphrase);
  REQUIRE_FAULT(open(rebuilt("02020800", "02020000"), "repopass1"), Fault::usage);
  REQUIRE_FAULT(open(rebuilt("02020800", "0202ff00"), "repopass1"), Fault::usage);  // negative
  REQUIRE_FAULT(open(rebuilt("06092a864886f70d01050d", "06092a864886f70d010503"), "repopass1"), Fault::usage);
  REQUIRE_FAULT(open(rebuilt("06092a864886f70d01050c", "06092a864886f70d01050e"), "repopass1"), Fault::usage);
  // 10,000,001 rounds, two bytes longer than 2048: every length around them grows.
  std::string costly = der;
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"3081de3049", "3081e0304b"},
                                                                                 {"303c301b", "303e301d"},
                                                                                 {"300e0408", "30100408"},
                                                                                 {"02020800", "020400989681"}}) {
    costly = cut(costly, from, to);
  }
  const std::string costly_pem = write_pem("ENCRYPTED PRIVATE KEY", {}, parse_hex(costly));
  REQUIRE(test::message_of([&] { open(costly_pem, "repopass1"); }).find("10000001 times") != std::string::npos);
  const std::string dek = read_vector("ecdsa-sec1-dek-3des.pem");
  REQUIRE_FAULT(open(cut(dek, "DES-EDE3-CBC", "DES-CBC"), "repopass1"), Fault::usage);
  REQUIRE_FAULT(open(cut(dek, "85C44099D1B1ABA5", "85C44099"), "repopass1"), Fault::usage);
  REQUIRE_FAULT(open(cut(dek, ",85C44099D1B1ABA5", ""), "repopass1"), Fault::usage);
}

TEST_CASE("keys that are too weak or of an unknown kind are refused", "[trust]") {
  for (const char* hex :
       {"302e020100300506032b656e04220420000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "3003020100"}) {
    REQUIRE_FAULT(open(write_pem("PRIVATE KEY", {}, parse_hex(hex)), ""), Fault::usage);
  }
}

TEST_CASE("an Ed25519 key as OpenSSL writes it signs, and its public half is read as it writes that", "[trust]") {
  // RFC 8410 section 10.
  const SecretKey key = open(write_pem("PRIVATE KEY", {},
                                       parse_hex("302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7"
                                                 "c28cbf1d4fbe097a88f44755842")),
                             "");
  const PublicKey half = read_public_key(
      view_of("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
              "-----END PUBLIC KEY-----\n"));
  REQUIRE(half == key.public_key());
  REQUIRE(half.verifies(Scheme::ed25519, view_of("a"), key.sign(Scheme::ed25519, view_of("a"))));
}

TEST_CASE("a key signs only by a scheme of its kind", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  REQUIRE(key.sign(Scheme::ecdsa_sha256_fixed, view_of("a")).size() == 64);
  REQUIRE_FAULT(key.sign(Scheme::ed25519, view_of("a")), Fault::usage);
  REQUIRE_FAULT(key.sign(Scheme::rsa_pss_sha256, view_of("a")), Fault::usage);
}

TEST_CASE("a new key is another one each time", "[trust]") {
  REQUIRE_FALSE(SecretKey::generate_ecdsa().public_key() == SecretKey::generate_ecdsa().public_key());
}

TEST_CASE("a signer's public key comes as a key or as a certificate", "[trust]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  const std::string pem = write_public_key_file(key.public_key(), "alice");
  REQUIRE(pem.starts_with("-----BEGIN PUBLIC KEY-----\nrole: alice\n\n"));
  const PublicKeyFile bare = read_public_key_file(view_of(pem));
  REQUIRE(bare.role == "alice");
  REQUIRE(bare.key == key.public_key());
  REQUIRE(bare.certificate.empty());

  const test::SigningKey signer = test::SigningKey::rsa();
  const Time now = parse_time("2026-11-24T00:00:00Z");
  const std::string certificate = signer.certified({"bob", now, now + std::chrono::hours(1)}).pem();
  const PublicKeyFile certified = read_public_key_file(view_of(certificate));
  REQUIRE(certified.key.kind() == KeyKind::rsa);
  REQUIRE(string_of(certified.certificate) == certificate);
  REQUIRE(read_public_key_file(view_of(cut(certificate, "-----\n", "-----\nrole: bob\n\n"))).certificate ==
          certified.certificate);
}

TEST_CASE("a public key may have text around it, and stand there in both its forms", "[trust]") {
  const test::SigningKey signer = test::SigningKey::rsa();
  const Time now = parse_time("2026-11-24T00:00:00Z");
  const std::string certificate = signer.certified({"bob", now, now + std::chrono::hours(1)}).pem();
  const PublicKeyFile alone = read_public_key_file(view_of(certificate));
  const std::string bare = write_public_key_file(alone.key, "bob");
  for (const std::string before : {"Certificate:\n    Data:\n        Version: 3 (0x2)\n", "\r\n", ""}) {
    REQUIRE(read_public_key_file(view_of(before + certificate + "more")).certificate == alone.certificate);
    REQUIRE(read_public_key(view_of(before + bare + "more")) == alone.key);
  }
  REQUIRE(read_public_key_file(view_of(certificate + bare)).certificate == alone.certificate);
  REQUIRE(read_public_key_file(view_of(bare + certificate)).role == "bob");
}

TEST_CASE("what is not one public key is refused", "[trust]") {
  const std::string good = write_public_key_file(SecretKey::generate_ecdsa().public_key(), "alice");
  const std::string other = write_public_key_file(SecretKey::generate_ecdsa().public_key(), "alice");
  REQUIRE_NOTHROW(read_public_key_file(view_of(good + good)));
  for (const std::string& text : {std::string(), good + other, good.substr(0, good.size() - 30), good + "-----END",
                                  read_vector("ecdsa-pkcs8-plain.pem"), cut(good, "\nM", "\nN")}) {
    INFO(text);
    REQUIRE_FAULT(read_public_key_file(view_of(text)), Fault::usage);
  }
  const SecretKey ed25519 = open(read_vector("ed25519-legacy.pem"), "");
  REQUIRE_FAULT(write_public_key_file(ed25519.public_key(), "eddie"), Fault::usage);
}

TEST_CASE("no message tells anything of a key or a passphrase", "[trust]") {
  const std::string said = test::message_of([] { open(read_vector(kSealed), "not the secret"); });
  REQUIRE(said == "the passphrase is wrong");
  const std::string damaged = cut(read_vector("ecdsa-pkcs8-plain.pem"), "MIGH", "MIG!");
  REQUIRE(test::message_of([&] { parse(damaged); }).find("IG") == std::string::npos);
}
