// SPDX-License-Identifier: Apache-2.0
#include "policy/file/stores_reader.h"

#include <algorithm>
#include <array>

#include "policy/systems.h"
#include "trust/crypto/key_file.h"
#include "trust/json_pointer.h"
#include "trust/system/material.h"
#include "trust/system/values.h"
#include "trust/text.h"

namespace hallmark::policy {
namespace {

/// Those that versions to come will know.
constexpr std::array<std::string_view, 4> kLaterKinds{"fulcio", "notation", "gpg", "pki"};
/// Of the keys that sign bundles, which is no trust system.
constexpr std::string_view kKeyKind = "key";

std::shared_ptr<const trust::Store> read_store(const std::string& name, const json::Object& object,
                                               const std::string& pointer, const trust::ReadFile& read_file) {
  const std::string& wanted = object.at("kind").string();
  for (const trust::System* system : systems()) {
    for (const trust::StoreKind& kind : system->stores) {
      if (kind.kind == wanted) return kind.read(object, pointer, name, read_file);
    }
  }
  if (std::find(kLaterKinds.begin(), kLaterKinds.end(), wanted) != kLaterKinds.end()) {
    trust::not_supported_yet("kind \"" + wanted + "\"");
  }
  std::vector<std::string> known{std::string(kKeyKind)};
  for (const trust::System* system : systems()) {
    for (const trust::StoreKind& kind : system->stores) known.emplace_back(kind.kind);
  }
  throw Error(Fault::usage, "unknown kind \"" + printable(wanted, 80) + "\"", hint_for(wanted, known));
}

void read_validity(const json::Object& object, SigningKey& key) {
  // A span that is empty is taken: such a key never counts.
  object.allow_only({"notBefore", "notAfter", "distrusted", "reason"});
  if (const json::Value* time = object.find("notBefore")) key.not_before = trust::time_in(*time);
  if (const json::Value* time = object.find("notAfter")) key.not_after = trust::time_in(*time);
  if (const json::Value* distrusted = object.find("distrusted")) key.is_distrusted = distrusted->boolean();
  if (const json::Value* reason = object.find("reason")) key.reason = reason->string();
}

SigningKey read_key(const std::string& name, const json::Object& object, const std::string& pointer,
                    const trust::ReadFile& read_file) {
  object.allow_only({"kind", "key", "hash", "validity"});
  std::vector<trust::MaterialFile> files;
  const Bytes bytes =
      // Held against the hash that the policy may give, before it is read as a key.
      at_pointer(pointer + "/key", [&] { return trust::Material(files, read_file).object(object.at("key")); });
  SigningKey key{name, {}, at_pointer(pointer + "/key", [&] { return crypto::read_public_key(bytes); }),
                 {},   {}, false,
                 {},   {}, Digest::of(bytes)};
  // By what the key is: another name or place of its file makes no other signer.
  key.id = key.key.id();
  // A key that stands in the policy has no file, and the policy's hash.
  if (!files.empty()) key.path = files.front().path;
  if (const json::Value* hash = object.find("hash")) {
    // Another hash must not be taken for this one by a version that has no other.
    at_pointer(pointer + "/hash", [&] {
      if (hash->string() != "sha256") trust::not_supported_yet("hash \"" + printable(hash->string(), 40) + "\"");
    });
  }
  if (const json::Value* validity = object.find("validity")) {
    at_pointer(pointer + "/validity", [&] { read_validity(validity->object(), key); });
  }
  return key;
}

bool is_key(const json::Object& store) { return store.at("kind").string() == kKeyKind; }

}  // namespace

trust::Stores read_stores(const json::Value& value, const trust::ReadFile& read_file) {
  trust::Stores stores;
  for (const auto& [name, item] : value.object().members()) {
    const std::string pointer = member_of("/stores", name);
    const std::string& key = name;
    const json::Value& store = item;
    at_pointer(pointer, [&] {
      // Only here: read_keys() sees the same names.
      trust::check_name(key);
      if (!is_key(store.object())) stores.emplace(key, read_store(key, store.object(), pointer, read_file));
    });
  }
  return stores;
}

SigningKeys read_keys(const json::Value& value, const trust::ReadFile& read_file) {
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
