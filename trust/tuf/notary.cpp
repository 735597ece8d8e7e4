// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/notary.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "trust/error.h"
#include "trust/tuf/canonical.h"
#include "trust/tuf/parsed_keys.h"

namespace hallmark::tuf {
namespace {

constexpr std::size_t kLongestRole = 255;

struct KeyType {
  std::string_view name;
  crypto::KeyKind kind;
  bool is_certificate;
};

/// docs/notary-v1.md, 2. Keys of other types are passed over and never count.
constexpr std::array<KeyType, 5> kKeyTypes{{{"ed25519", crypto::KeyKind::ed25519, false},
                                            {"ecdsa", crypto::KeyKind::ecdsa, false},
                                            {"rsa", crypto::KeyKind::rsa, false},
                                            {"ecdsa-x509", crypto::KeyKind::ecdsa, true},
                                            {"rsa-x509", crypto::KeyKind::rsa, true}}};

/// In lower case, as parse_signature() leaves them.
constexpr std::array<std::pair<std::string_view, crypto::Scheme>, 4> kMethods{
    {{"eddsa", crypto::Scheme::ed25519},
     {"ecdsa", crypto::Scheme::ecdsa_sha256_fixed},
     {"rsapss", crypto::Scheme::rsa_pss_sha256},
     {"rsapkcs1v15", crypto::Scheme::rsa_pkcs1_sha256}}};

/// "private" is part of what is hashed, also when the document leaves it out.
std::string id_of(std::string_view type, std::string_view content) {
  std::string text = R"({"keytype":)";
  append_canonical(type, text);
  text += R"(,"keyval":{"private":null,"public":)";
  append_canonical(content, text);
  text += "}}";
  return Digest::of(view_of(text)).hex();
}

/// Fills in what can be read; throws where it cannot.
void read_material(const KeyType& type, ByteView content, Key& key) {
  if (type.is_certificate) {
    std::vector<crypto::Certificate> certificates = crypto::parse_certificates(content);
    // A type that says another kind than the certificate has makes a key that cannot be used, not a bad document.
    if (certificates.front().key.kind() != type.kind) return;
    key.certificates = std::move(certificates);
    key.material = key.certificates.front().key;
    // The key without its certificate, of which there is another one for each repository.
    key.canonical_id = key.material->id();
    return;
  }
  const crypto::PublicKey material = type.kind == crypto::KeyKind::ed25519 ? crypto::PublicKey::from_ed25519(content)
                                                                           : crypto::PublicKey::from_spki(content);
  if (material.kind() == type.kind) key.material = material;
}

bool is_role_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '-' ||
         character == '_' || character == '/';
}

/// docs/notary-v1.md, 5.1: the common name is the repository, or a prefix of it that ends in `*`.
bool names(std::string_view common_name, std::string_view gun) {
  if (common_name == gun) return true;
  if (!common_name.ends_with('*')) return false;
  // All stars at the end go, as in Notary's clients.
  const std::size_t last = common_name.find_last_not_of('*');
  return gun.starts_with(common_name.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

json::Value text(std::string_view content) { return json::Value(std::string(content)); }

/// "private" is written as null, since the id hashes it.
json::Value key_object(std::string_view type, ByteView content) {
  json::Object value({{"private", json::Value()}, {"public", text(base64_of(content))}});
  return json::Value(json::Object({{"keytype", text(type)}, {"keyval", json::Value(std::move(value))}}));
}

std::string_view type_of(crypto::KeyKind kind, bool is_certificate) {
  const auto* known = std::find_if(kKeyTypes.begin(), kKeyTypes.end(), [&](const KeyType& candidate) {
    return candidate.kind == kind && candidate.is_certificate == is_certificate;
  });
  if (known == kKeyTypes.end()) fail(Fault::usage, "a certificate of a key of this kind cannot be listed");
  return known->name;
}

class Notary final : public Dialect {
 public:
  [[nodiscard]] std::string_view type_name(Kind kind) const override {
    switch (kind) {
      case Kind::root: return "Root";
      case Kind::timestamp: return "Timestamp";
      case Kind::snapshot: return "Snapshot";
      case Kind::targets: break;
    }
    return "Targets";
  }

  [[nodiscard]] Key parse_key(const json::Object& object) const override {
    const std::string& type = object.at("keytype").string();
    const std::string& content = object.at("keyval").object().at("public").string();
    Key key;
    // Of the content: who lists a key under another id does not rename it.
    key.id = id_of(type, content);
    // The id hashes all that a key is parsed from, so one that is found is the same key.
    thread_local ParsedKeys parsed_keys;
    if (auto parsed = parsed_keys.find(key.id)) return std::move(*parsed);
    key.canonical_id = key.id;
    const auto* known = std::find_if(kKeyTypes.begin(), kKeyTypes.end(),
                                     [&](const KeyType& candidate) { return candidate.name == type; });
    // The form of a key is judged whatever its type: only its content may be unknown.
    const Bytes bytes = parse_base64(content);
    if (known == kKeyTypes.end()) return key;
    try {
      read_material(*known, bytes, key);
    } catch (const Error& error) {
      // Keys of other makes stand beside ours; they are no fault of the document, but they never count.
      if (error.fault() != Fault::corrupt) throw;
    }
    parsed_keys.keep(key, bytes.size());
    return key;
  }

  [[nodiscard]] json::Value write_key(const crypto::PublicKey& key) const override {
    return key_object(type_of(key.kind(), false), key.kind() == crypto::KeyKind::ed25519 ? key.ed25519() : key.spki());
  }

  [[nodiscard]] json::Value write_certificate(ByteView pem) const override {
    return key_object(type_of(crypto::parse_certificates(pem).front().key.kind(), true), pem);
  }

  [[nodiscard]] Signature parse_signature(const json::Object& object) const override {
    Signature signature{object.at("keyid").string(), object.at("method").string(),
                        parse_base64(object.at("sig").string())};
    // Notary's clients read methods without regard to case.
    for (char& letter : signature.method) {
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return signature;
  }

  [[nodiscard]] json::Value write_signature(const std::string& key_id, const crypto::SecretKey& key,
                                            ByteView message) const override {
    // Of the two methods for RSA the first is the one that is written.
    const auto* method = std::find_if(kMethods.begin(), kMethods.end(),
                                      [&](const auto& candidate) { return scheme_fits(candidate.second, key.kind()); });
    return json::Value(json::Object({{"keyid", text(key_id)},
                                     {"method", text(method->first)},
                                     {"sig", text(base64_of(key.sign(method->second, message)))}}));
  }

  [[nodiscard]] std::optional<crypto::Scheme> scheme_of(const Signature& signature) const override {
    for (const auto& method : kMethods) {
      if (method.first == signature.method) return method.second;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Digest> parse_hash(std::string_view algorithm, std::string_view text) const override {
    if (algorithm == "sha256") return Digest::from_raw(Algorithm::sha256, parse_base64(text));
    if (algorithm == "sha512") return Digest::from_raw(Algorithm::sha512, parse_base64(text));
    return std::nullopt;
  }

  [[nodiscard]] std::string write_hash(const Digest& digest) const override {
    return base64_of(parse_hex(digest.hex()));
  }

  [[nodiscard]] Time parse_expiry(std::string_view text) const override { return parse_time(text); }
  /// docs/notary-v1.md, 1.1: a document has expired when its end lies before now, not at it.
  [[nodiscard]] bool has_expired(Time expires, Time now) const override { return expires < now; }

  /// docs/notary-v1.md, 8.5
  [[nodiscard]] std::chrono::seconds lifetime(Kind kind) const override {
    constexpr std::chrono::hours kDay(24);
    switch (kind) {
      case Kind::root: return 10 * 365 * kDay;
      case Kind::timestamp: return 14 * kDay;
      case Kind::snapshot:
      case Kind::targets: break;
    }
    return 3 * 365 * kDay;
  }

  [[nodiscard]] std::string meta_name(std::string_view role) const override { return std::string(role); }
  [[nodiscard]] std::vector<std::string> required_meta(Kind kind) const override {
    if (kind == Kind::timestamp) return {"snapshot"};
    return {"root", "targets"};
  }

  [[nodiscard]] std::string file_name(std::string_view role) const override { return std::string(role) + ".json"; }
  [[nodiscard]] std::string file_name(std::string_view role, const Digest& digest) const override {
    return std::string(role) + "." + digest.hex() + ".json";
  }
  [[nodiscard]] std::string root_file_name(std::int64_t version) const override {
    return std::to_string(version) + ".root.json";
  }

  /// docs/notary-v1.md, 1.3: the directory of a delegation's name is the role that lists it.
  [[nodiscard]] bool may_delegate(std::string_view parent, std::string_view child) const override {
    if (child.size() > kLongestRole || !child.starts_with(parent) || child.size() < parent.size() + 2 ||
        child[parent.size()] != '/') {
      return false;
    }
    // The name becomes a path in a trust directory: without a dot it cannot lead out of that.
    const std::string_view last = child.substr(parent.size() + 1);
    return last.find('/') == std::string_view::npos && std::all_of(last.begin(), last.end(), is_role_character);
  }

  [[nodiscard]] bool covers(std::string_view path, std::string_view target) const override {
    return target.starts_with(path);
  }
  [[nodiscard]] bool stays_within(std::string_view parent_path, std::string_view path) const override {
    return path.starts_with(parent_path);
  }

  /// docs/notary-v1.md, 5.1: one leaf certificate, first, then only authorities; the leaf names the repository.
  [[nodiscard]] RootKeyStanding root_key(const Key& key, std::string_view gun) const override {
    const auto no = [](std::string why) { return RootKeyStanding{false, std::move(why), {}, {}, {}, false}; };
    // A bare key names no repository: what it signed for one would be good for all.
    if (key.certificates.empty()) return no("is no certificate that can be used");
    const crypto::Certificate& leaf = key.certificates.front();
    if (leaf.is_authority) return no("is the certificate of an authority");
    // Of two leaves nobody could say which of them names the repository.
    for (std::size_t i = 1; i < key.certificates.size(); ++i) {
      if (!key.certificates[i].is_authority) return no("has two leaf certificates");
    }
    // No other document says whose it is: this name is all that binds trust data to a repository.
    if (!names(leaf.common_name, gun)) return no("is a certificate for \"" + printable(leaf.common_name, 120) + "\"");
    if (leaf.signed_with_sha1) return no("is a certificate signed with SHA-1 or MD5");
    if (leaf.not_after < leaf.not_before) return no("is a certificate that ends before it begins");
    // The dates are for whoever knows whether this root is the newest one.
    return {true, {}, leaf.not_before, leaf.not_after, leaf.common_name, leaf.common_name != gun};
  }

  /// docs/notary-v1.md, 5.1: a day's grace, for publishers whose clocks are ahead.
  [[nodiscard]] std::chrono::seconds root_key_clock_skew() const override { return std::chrono::hours(24); }
};

}  // namespace

const Dialect& notary() {
  static const Notary kNotary;
  return kNotary;
}

}  // namespace hallmark::tuf
