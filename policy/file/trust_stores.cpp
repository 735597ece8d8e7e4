// SPDX-License-Identifier: Apache-2.0
#include "policy/file/trust_stores.h"

#include <algorithm>
#include <array>
#include <set>

#include "policy/file/values.h"
#include "policy/scope.h"
#include "trust/crypto/key_file.h"
#include "trust/json_pointer.h"
#include "trust/tuf/edit/key_entry.h"
#include "trust/tuf/notary.h"

namespace hallmark::policy {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{1} << 20U;

template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  fail(Fault::usage, parts...);
}

bool is_hex64(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string prefix_fault(std::string_view text) {
  if (text.empty() || text.find_first_of("*@") != std::string_view::npos) return "this is no name of a repository";
  if (std::string fault = strict_scope_fault("docker", text); !fault.empty()) return fault;
  const bool has_tag = text.find('/') != std::string_view::npos && !Reference::parse(text).tag_defaulted();
  return has_tag ? "a tag is not part of it" : "";
}

/// Reads the files that a store names and keeps account of them.
class Material {
 public:
  Material(std::vector<TrustStore::File>& files, const ReadFile& read_file) : files_(files), read_file_(read_file) {}

  Bytes file(const std::string& path) {
    if (!is_clean_path(path)) refuse("\"", printable(path, 200), "\" is no clean absolute path");
    Bytes bytes = within("file \"" + printable(path, 200) + "\"", [&] { return read_file_(path); });
    if (bytes.empty()) refuse("file \"", printable(path, 200), "\" is empty");
    if (bytes.size() > kMostFileBytes) {
      refuse("file \"", printable(path, 200), "\" has ", bytes.size(), " bytes, at most ", kMostFileBytes, " are read");
    }
    files_.push_back({path, Digest::of(bytes)});
    return bytes;
  }

  /// {"path": ...} or {"data": base64}, each with or without "sha256".
  Bytes object(const json::Value& value) {
    const json::Object& material = value.object();
    material.allow_only({"path", "data", "sha256"});
    const json::Value* path = material.find("path");
    const json::Value* data = material.find("data");
    if ((path == nullptr) == (data == nullptr)) refuse("exactly one of path and data must be given");
    Bytes bytes = path != nullptr ? file(path->string()) : parse_base64(data->string());
    if (bytes.empty()) refuse("data is empty");
    if (bytes.size() > kMostFileBytes) refuse("data has ", bytes.size(), " bytes, at most ", kMostFileBytes);
    if (const json::Value* wanted = material.find("sha256")) check_hash(wanted->string(), bytes);
    return bytes;
  }

 private:
  static void check_hash(const std::string& wanted, ByteView bytes) {
    if (!is_hex64(wanted)) refuse("sha256 is 64 lower-case hex digits, found \"", printable(wanted, 80), "\"");
    if (const std::string found = Digest::of(bytes).hex(); found != wanted) {
      throw Error(Fault::usage, "expected sha256 " + wanted + ", found " + found,
                  "compare the file with the one its publisher gave you before you change the policy");
    }
  }

  std::vector<TrustStore::File>& files_;
  const ReadFile& read_file_;
};

/// Not proven yet, but seen to be a root document at all, so that a wrong path is noticed when the policy is loaded.
void check_root_document(ByteView bytes) {
  const json::Value root = json::parse("root document", bytes);
  const json::Object& envelope = root.object();
  static_cast<void>(envelope.at("signatures").array());
  std::string type = envelope.at("signed").object().at("_type").string();
  if (type != "Root" && type != "root") refuse("this is no root document: its type is \"", printable(type, 80), "\"");
}

std::string pin_gun_in(const json::Value& value) {
  const std::string& text = value.string();
  const std::string_view name = text;
  const std::string fault = name.ends_with("/*") ? prefix_fault(name.substr(0, name.size() - 2)) : gun_fault(name);
  if (!fault.empty()) refuse("\"", printable(text, 200), "\": ", fault);
  return text;
}

std::vector<std::string> key_ids_in(const json::Value& value) {
  std::vector<std::string> ids = texts_in(value);
  for (const std::string& id : ids) {
    if (!is_hex64(id)) refuse("a key id is 64 lower-case hex digits, found \"", printable(id, 80), "\"");
  }
  if (std::set<std::string>(ids.begin(), ids.end()).size() != ids.size()) refuse("a key id stands twice in the list");
  return ids;
}

tuf::Wildcards wildcards_in(const json::Value& value) {
  const std::string& text = value.string();
  if (text == "accept") return tuf::Wildcards::accepted;
  if (text == "refuse") return tuf::Wildcards::refused;
  refuse("expected \"accept\" or \"refuse\", found \"", printable(text, 40), "\"");
}

TrustStore::Pin read_pin(const json::Object& object, const std::string& pointer, Material& material) {
  object.allow_only({"gun", "rootKeyIds", "root", "minRootVersion", "wildcardCertificates"});
  const json::Value* ids = object.find("rootKeyIds");
  const json::Value* root = object.find("root");
  if (ids == nullptr && root == nullptr) refuse("a pin needs rootKeyIds or root");
  TrustStore::Pin pin;
  pin.gun = at_pointer(pointer + "/gun", [&] { return pin_gun_in(object.at("gun")); });
  if (ids != nullptr) {
    pin.anchor.root_key_ids = at_pointer(pointer + "/rootKeyIds", [&] { return key_ids_in(*ids); });
  }
  if (root != nullptr) {
    at_pointer(pointer + "/root", [&] {
      pin.anchor.root = material.object(*root);
      check_root_document(*pin.anchor.root);
    });
  }
  if (const json::Value* least = object.find("minRootVersion")) {
    at_pointer(pointer + "/minRootVersion", [&] {
      pin.anchor.least_root_version = least->integer();
      if (*pin.anchor.least_root_version < 1) refuse("expected at least 1, found ", least->integer());
    });
  }
  if (const json::Value* wildcards = object.find("wildcardCertificates")) {
    pin.anchor.wildcards = at_pointer(pointer + "/wildcardCertificates", [&] { return wildcards_in(*wildcards); });
  }
  return pin;
}

std::vector<TrustStore::Pin> read_pins(const json::Value& list, const std::string& pointer, Material& material) {
  std::vector<TrustStore::Pin> pins;
  std::set<std::string> guns;
  for (const json::Value& item : list.array()) {
    const std::string place = item_of(pointer, pins.size());
    pins.push_back(at_pointer(place, [&] { return read_pin(item.object(), place, material); }));
    if (!guns.insert(pins.back().gun).second) refuse("two pins for \"", pins.back().gun, "\"");
  }
  if (pins.empty()) refuse("the list must not be empty");
  return pins;
}

constexpr std::string_view kDirectory = "file:///";

/// Whether an absolute path stays below where it begins.
bool goes_up(std::string_view path) { return path.find("/../") != std::string_view::npos || path.ends_with("/.."); }

std::string server_in(const json::Value& value) {
  constexpr std::string_view kScheme = "https://";
  const std::string& url = value.string();
  const std::string_view rest = std::string_view(url).substr(std::min(url.size(), kScheme.size()));
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
  if (url.starts_with(kDirectory)) {
    if (!plain || goes_up(url)) refuse("expected file:///PATH, found \"", printable(url, 200), "\"");
    return url;
  }
  if (!url.starts_with(kScheme)) refuse("expected an https URL or file:///PATH, found \"", printable(url, 200), "\"");
  if (!plain || !is_domain(rest.substr(0, rest.find('/'))) || rest.find_first_of("?#") != std::string_view::npos) {
    refuse("expected https://HOST[:PORT][/PATH], found \"", printable(url, 200), "\"");
  }
  return url;
}

std::string ca_file_in(const json::Value& value, Material& material) {
  const std::string& path = value.string();
  const Bytes bytes = material.file(path);
  if (text_of(bytes).find("-----BEGIN CERTIFICATE-----") == std::string_view::npos) {
    refuse("file \"", printable(path, 200), "\" holds no certificate in PEM form");
  }
  return path;
}

TrustStore read_store(const std::string& name, const json::Object& object, const std::string& pointer,
                      const ReadFile& read_file) {
  const std::string& kind = object.at("kind").string();
  static constexpr std::array<std::string_view, 4> kLater{"fulcio", "notation", "gpg", "pki"};
  if (std::find(kLater.begin(), kLater.end(), kind) != kLater.end()) not_supported_yet("kind \"" + kind + "\"");
  if (kind != "tuf") refuse("unknown kind \"", printable(kind, 80), "\"");
  object.allow_only({"kind", "pins", "server", "caFile", "roles"});

  TrustStore store;
  store.name = name;
  Material material(store.files, read_file);
  const std::string pins = pointer + "/pins";
  store.pins = at_pointer(pins, [&] { return read_pins(object.at("pins"), pins, material); });
  if (const json::Value* server = object.find("server")) {
    store.server = at_pointer(pointer + "/server", [&] { return server_in(*server); });
  }
  if (const json::Value* ca_file = object.find("caFile")) {
    if (store.server && store.server->starts_with(kDirectory)) {
      at_pointer(pointer + "/caFile", [] { refuse("a directory has no certificate to check"); });
    }
    store.ca_file = at_pointer(pointer + "/caFile", [&] { return ca_file_in(*ca_file, material); });
  }
  store.roles = {"targets/releases", "targets"};  // docker's order
  if (const json::Value* roles = object.find("roles")) {
    store.roles = at_pointer(pointer + "/roles", [&] { return roles_in(*roles); });
  }
  return store;
}

void read_validity(const json::Object& object, SigningKey& key) {
  object.allow_only({"notBefore", "notAfter", "distrusted", "reason"});
  if (const json::Value* time = object.find("notBefore")) key.not_before = time_in(*time);
  if (const json::Value* time = object.find("notAfter")) key.not_after = time_in(*time);
  if (const json::Value* distrusted = object.find("distrusted")) key.is_distrusted = distrusted->boolean();
  if (const json::Value* reason = object.find("reason")) key.reason = reason->string();
}

SigningKey read_key(const std::string& name, const json::Object& object, const std::string& pointer,
                    const ReadFile& read_file) {
  object.allow_only({"kind", "key", "hash", "validity"});
  std::vector<TrustStore::File> files;
  const Bytes bytes = at_pointer(pointer + "/key", [&] { return Material(files, read_file).object(object.at("key")); });
  SigningKey key{name, {}, at_pointer(pointer + "/key", [&] { return crypto::read_public_key(bytes); }),
                 {},   {}, false,
                 {},   {}, Digest::of(bytes)};
  key.id = tuf::list_key(tuf::notary(), key.key).key.canonical_id;
  if (!files.empty()) key.path = files.front().path;
  if (const json::Value* hash = object.find("hash")) {
    at_pointer(pointer + "/hash", [&] {
      if (hash->string() != "sha256") not_supported_yet("hash \"" + printable(hash->string(), 40) + "\"");
    });
  }
  if (const json::Value* validity = object.find("validity")) {
    at_pointer(pointer + "/validity", [&] { read_validity(validity->object(), key); });
  }
  return key;
}

bool is_key(const json::Object& store) { return store.at("kind").string() == "key"; }

}  // namespace

Stores read_stores(const json::Value& value, const ReadFile& read_file) {
  Stores stores;
  for (const auto& [name, item] : value.object().members()) {
    const std::string pointer = member_of("/stores", name);
    const std::string& key = name;
    const json::Value& store = item;
    at_pointer(pointer, [&] {
      check_name(key);
      if (!is_key(store.object())) stores.emplace(key, read_store(key, store.object(), pointer, read_file));
    });
  }
  return stores;
}

SigningKeys read_keys(const json::Value& value, const ReadFile& read_file) {
  SigningKeys keys;
  for (const auto& [name, item] : value.object().members()) {
    const std::string pointer = member_of("/stores", name);
    const std::string& key = name;
    const json::Value& store = item;
    at_pointer(pointer, [&] {
      if (is_key(store.object())) keys.emplace(key, read_key(key, store.object(), pointer, read_file));
    });
  }
  return keys;
}

}  // namespace hallmark::policy
