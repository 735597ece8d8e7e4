// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/key_file.h"

#include <algorithm>
#include <array>

#include "trust/crypto/certificate.h"
#include "trust/error.h"

namespace hallmark::crypto {
namespace {

constexpr std::string_view kPlain = "PRIVATE KEY";
constexpr std::string_view kEncrypted = "ENCRYPTED PRIVATE KEY";
constexpr std::array<std::string_view, 3> kLegacy{"EC PRIVATE KEY", "RSA PRIVATE KEY", "ED25519 PRIVATE KEY"};

/// What stands before the 32 bytes in SubjectPublicKeyInfo (RFC 8410 section 4); it has no other form.
constexpr std::array<std::uint8_t, 12> kEd25519Prefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                      0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::size_t kEd25519Bytes = 32;

/// A key file is configuration: what is wrong with it is the user's to mend.
template <class Work>
decltype(auto) as_usage(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    throw Error(Fault::usage, error.what(), error.hint());
  }
}

bool is_private_key(std::string_view type) {
  return type == kPlain || type == kEncrypted || std::find(kLegacy.begin(), kLegacy.end(), type) != kLegacy.end();
}

/// The curve's name that OpenSSL writes before a key, and the public halves that it and authorities write beside one.
bool stands_beside_keys(std::string_view type) {
  return type == "EC PARAMETERS" || type == "CERTIFICATE" || type == "PUBLIC KEY";
}

SecretKey parse_plain(std::string_view type, ByteView der) {
  if (type == kLegacy[0]) return SecretKey::from_sec1(der);
  if (type == kLegacy[1]) return SecretKey::from_pkcs1(der);
  if (type == kLegacy[2]) return SecretKey::from_notary_ed25519(der);
  return SecretKey::from_pkcs8(der);
}

/// The old encryption proves nothing: a wrong passphrase now and then gives bytes that only look well padded.
SecretKey open_dek(const PemBlock& block, const Secret& passphrase) {
  const Secret der = decrypt_dek(block.header("DEK-Info"), block.content.view(), passphrase);
  try {
    return parse_plain(block.type, der.view());
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    throw WrongPassphrase();
  }
}

PublicKeyFile public_key_of(const PemBlock& block) {
  if (block.type == "PUBLIC KEY") return {block.header("role"), PublicKey::from_spki(block.content.view()), {}};
  if (block.type != "CERTIFICATE") {
    fail(Fault::corrupt, printable(block.type, 40), " is neither a PUBLIC KEY nor a CERTIFICATE");
  }
  // Verifiers hash this text, so it is written as they would write it.
  Bytes certificate = bytes_of(write_pem(block.type, {}, block.content.view()));
  PublicKey key = parse_certificates(certificate).front().key;
  return {block.header("role"), std::move(key), std::move(certificate)};
}

/// A line end in a value would begin another header, or the content.
void require_plain_text(const std::vector<PemHeader>& headers) {
  for (const PemHeader& header : headers) {
    const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; };
    if (header.second.empty() || std::any_of(header.second.begin(), header.second.end(), is_control)) {
      fail(Fault::usage, "\"", printable(header.second, 80), "\" cannot stand in a key file as its ", header.first);
    }
  }
}

std::vector<PemHeader> headers_for(const std::string& role, const std::string& gun) {
  std::vector<PemHeader> headers;
  if (!gun.empty()) headers.emplace_back("gun", gun);
  headers.emplace_back("role", role);
  require_plain_text(headers);
  return headers;
}

}  // namespace

std::vector<KeyFile> read_key_files(ByteView pem) {
  return as_usage([&] {
    std::vector<KeyFile> files;
    std::string other;
    for (PemBlock& block : parse_pem(pem)) {
      if (!is_private_key(block.type)) {
        if (!stands_beside_keys(block.type)) fail(Fault::corrupt, printable(block.type, 40), " is no private key");
        other = block.type;
        continue;
      }
      const bool encrypted = block.type == kEncrypted || !block.header("DEK-Info").empty();
      files.push_back({block.header("role"), block.header("gun"), block.header("path"), encrypted, std::move(block)});
    }
    if (files.empty()) fail(Fault::corrupt, printable(other, 40), " is no private key");
    return files;
  });
}

SecretKey open_key(const KeyFile& file, const Secret* passphrase) {
  const PemBlock& block = file.block;
  return as_usage([&] {
    if (!file.encrypted) return parse_plain(block.type, block.content.view());
    // Its own words: a passphrase that is missing is no wrong one, and there is nothing to try again.
    if (passphrase == nullptr) fail(Fault::usage, "the key is encrypted and there is no passphrase for it");
    if (block.type == kEncrypted) {
      return SecretKey::from_pkcs8(decrypt_pkcs8(block.content.view(), *passphrase).view());
    }
    return open_dek(block, *passphrase);
  });
}

std::string write_key_file(const SecretKey& key, const std::string& role, const std::string& gun,
                           const Secret& passphrase) {
  const std::vector<PemHeader> headers = headers_for(role, gun);
  const Secret pkcs8 = key.pkcs8();
  if (passphrase.empty()) return write_pem(kPlain, headers, pkcs8.view());
  return write_pem(kEncrypted, headers, encrypt_pkcs8(pkcs8, passphrase));
}

std::string write_for_bundle(const KeyFile& file, const std::string& path) {
  std::vector<PemHeader> headers = file.block.headers;
  std::erase_if(headers, [](const PemHeader& header) { return header.first == "path"; });
  // Of a key in one of docker's older folders these were known by its place.
  if (!file.gun.empty() && file.block.header("gun").empty()) headers.emplace_back("gun", file.gun);
  if (!file.role.empty() && file.block.header("role").empty()) headers.emplace_back("role", file.role);
  // Proc-Type comes first where it stands (RFC 1421).
  headers.emplace_back("path", path);
  require_plain_text(headers);
  return write_pem(file.block.type, headers, file.block.content.view());
}

PublicKeyFile read_public_key_file(ByteView pem) {
  return as_usage([&]() -> PublicKeyFile {
    std::vector<PublicKeyFile> keys;
    for (const PemBlock& block : parse_pem(pem)) {
      if (block.type != "EC PARAMETERS") keys.push_back(public_key_of(block));
    }
    if (keys.empty()) fail(Fault::corrupt, "no public key");
    // One key may be there in both forms, as openssl x509 -pubkey writes it; of two keys nobody says which one is
    // meant.
    const bool is_one =
        std::all_of(keys.begin(), keys.end(), [&](const PublicKeyFile& each) { return each.key == keys.front().key; });
    if (!is_one) fail(Fault::corrupt, "more than one public key, expected one");
    return std::move(keys.front());
  });
}

PublicKey read_public_key(ByteView pem) {
  return as_usage([&] {
    const std::vector<PemBlock> blocks = parse_pem(pem);
    if (blocks.size() != 1) fail(Fault::corrupt, blocks.size(), " PEM blocks, expected one PUBLIC KEY");
    const PemBlock& block = blocks.front();
    if (block.type != "PUBLIC KEY") fail(Fault::corrupt, printable(block.type, 40), " is no PUBLIC KEY");
    const ByteView der = block.content.view();
    // PublicKey has these in libsodium's form and refuses them in OpenSSL's.
    const bool is_ed25519 = der.size() == kEd25519Prefix.size() + kEd25519Bytes &&
                            std::equal(kEd25519Prefix.begin(), kEd25519Prefix.end(), der.begin());
    return is_ed25519 ? PublicKey::from_ed25519(der.last(kEd25519Bytes)) : PublicKey::from_spki(der);
  });
}

bool is_public_text(ByteView pem) {
  try {
    const std::vector<PemBlock> blocks = parse_pem(pem);
    return std::all_of(blocks.begin(), blocks.end(),
                       [](const PemBlock& block) { return stands_beside_keys(block.type); });
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return false;
  }
}

std::string write_public_key_file(const PublicKey& key, const std::string& role) {
  if (key.kind() == KeyKind::ed25519) fail(Fault::usage, "an Ed25519 key has no form that docker reads");
  return write_pem("PUBLIC KEY", headers_for(role, {}), key.spki());
}

}  // namespace hallmark::crypto
