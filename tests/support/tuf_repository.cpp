// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tuf_repository.h"

#include "trust/digest.h"
#include "trust/json.h"
#include "trust/tuf/canonical.h"

namespace hallmark::test {
namespace {

using std::chrono::hours;

constexpr hours kDay(24);

std::string frame(const std::string& type, std::int64_t version, Time expires) {
  return R"("_type":")" + type + R"(","expires":")" + to_text(expires) + R"(","version":)" + std::to_string(version);
}

std::string in_quotes(std::string_view text) {
  std::string out;
  tuf::append_canonical(text, out);
  return out;
}

template <class Items, class Write>
std::string joined(const Items& items, Write write) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + write(item);
  return text;
}

std::string ring_text(const KeyRing& ring) {
  return R"("keyids":[)" + joined(ring.keys, [](const SigningKey& key) { return in_quotes(key.id()); }) +
         R"(],"threshold":)" + std::to_string(ring.threshold);
}

std::string keys_text(const std::map<std::string, SigningKey>& keys) {
  return R"("keys":{)" + joined(keys, [](const auto& key) { return in_quotes(key.first) + ":" + key.second.json(); }) +
         "}";
}

std::string hash_of(std::string_view content) { return base64_of(parse_hex(Digest::of(view_of(content)).hex())); }

}  // namespace

TufRepository::TufRepository(std::string name, Time now) : gun(std::move(name)), now_(now) {
  root_expires = now + 3650 * kDay;
  rings["root"] = {{new_root_key()}};
  rings["targets"] = {{SigningKey::ecdsa()}};
  rings["snapshot"] = {{SigningKey::ed25519()}};
  rings["timestamp"] = {{SigningKey::ed25519()}};
  documents["targets"] = {1, now + 1000 * kDay, {{"1", {"content of 1", {}}}}, {}};
  snapshot.expires = now + 1000 * kDay;
  timestamp.expires = now + 14 * kDay;
  publish();
}

SigningKey TufRepository::new_root_key() const {
  return SigningKey::ecdsa().certified({gun, now_ - 10 * kDay, now_ + 3650 * kDay});
}

void TufRepository::rotate_root() {
  former_root_keys = rings["root"].keys;
  rings["root"] = {{new_root_key()}};
  ++root_version;
}

void TufRepository::publish_next() {
  for (auto& document : documents) ++document.second.version;
  ++snapshot.version;
  ++timestamp.version;
  publish();
}

void TufRepository::publish() {
  serve("root", root_text(), rings["root"]);
  std::vector<std::string> listed{"root"};
  for (const auto& [role, document] : documents) {
    KeyRing ring = rings["targets"];
    for (const auto& parent : documents) {
      for (const SimulatedDelegation& delegation : parent.second.delegations) {
        if (delegation.name == role) ring = delegation.ring;
      }
    }
    serve(role, targets_text(document), ring);
    if (unlisted.count(role) == 0) listed.push_back(role);
  }
  serve("snapshot", listing_text("Snapshot", snapshot, listed), rings["snapshot"]);
  serve("timestamp", listing_text("Timestamp", timestamp, {"snapshot"}), rings["timestamp"]);
}

void TufRepository::serve(const std::string& role, const std::string& signed_text, const KeyRing& ring) {
  std::string text = signed_text;
  if (const auto edit = before_signing.find(role); edit != before_signing.end()) edit->second(text);
  std::vector<SigningKey> keys = ring.keys;
  if (role == "root") keys.insert(keys.end(), former_root_keys.begin(), former_root_keys.end());
  if (const auto others = signed_by.find(role); others != signed_by.end()) keys = others->second;
  std::string file = envelope(text, keys);
  if (const auto edit = after_signing.find(role); edit != after_signing.end()) edit->second(file);
  const Bytes bytes = bytes_of(file);
  files[role + ".json"] = bytes;
  files[role + "." + Digest::of(bytes).hex() + ".json"] = bytes;
  if (role == "root") files[std::to_string(root_version) + ".root.json"] = bytes;
}

std::string TufRepository::root_text() const {
  std::map<std::string, SigningKey> keys;
  for (const auto& ring : rings) {
    for (const SigningKey& key : ring.second.keys) keys.emplace(key.id(), key);
  }
  return "{" + frame("Root", root_version, root_expires) + R"(,"consistent_snapshot":false,)" + keys_text(keys) +
         R"(,"roles":{)" +
         joined(rings, [](const auto& ring) { return in_quotes(ring.first) + ":{" + ring_text(ring.second) + "}"; }) +
         "}}";
}

std::string TufRepository::targets_text(const SimulatedTargets& document) const {
  std::map<std::string, SigningKey> keys;
  for (const SimulatedDelegation& delegation : document.delegations) {
    for (const SigningKey& key : delegation.ring.keys) keys.emplace(key.id(), key);
  }
  const auto write_role = [](const SimulatedDelegation& delegation) {
    return R"({"name":)" + in_quotes(delegation.name) + R"(,"paths":[)" + joined(delegation.paths, in_quotes) + "]," +
           ring_text(delegation.ring) + "}";
  };
  const auto write_target = [](const auto& target) {
    const std::string hashes = R"({"sha256":")" + hash_of(target.second.content) + R"("})";
    return in_quotes(target.first) + R"(:{"hashes":)" + (target.second.hashes.empty() ? hashes : target.second.hashes) +
           R"(,"length":)" + std::to_string(target.second.content.size()) + "}";
  };
  return "{" + frame("Targets", document.version, document.expires) + R"(,"delegations":{)" + keys_text(keys) +
         R"(,"roles":[)" + joined(document.delegations, write_role) + R"(]},"targets":{)" +
         joined(document.targets, write_target) + "}}";
}

std::string TufRepository::listing_text(const std::string& type, const SimulatedListing& listing,
                                        const std::vector<std::string>& roles) const {
  const auto write = [this](const std::string& role) {
    const Bytes& bytes = files.at(role + ".json");
    return in_quotes(role) + R"(:{"hashes":{"sha256":")" + hash_of(text_of(bytes)) + R"("},"length":)" +
           std::to_string(bytes.size()) + "}";
  };
  return "{" + frame(type, listing.version, listing.expires) + R"(,"meta":{)" + joined(roles, write) + "}}";
}

std::string TufRepository::signature_entry(const std::string& key_id, const std::string& method,
                                           const Bytes& signature) {
  return R"({"keyid":)" + in_quotes(key_id) + R"(,"method":)" + in_quotes(method) + R"(,"sig":")" +
         base64_of(signature) + R"("})";
}

std::string TufRepository::envelope(const std::string& signed_text, const std::vector<SigningKey>& keys) {
  std::string canonical;
  tuf::append_canonical(json::parse("test", view_of(signed_text), {std::size_t{100} << 20U, 64}), canonical);
  return R"({"signed":)" + signed_text + R"(,"signatures":[)" +
         joined(keys,
                [&](const SigningKey& key) {
                  return signature_entry(key.id(), key.method(), key.sign(view_of(canonical), key.method()));
                }) +
         "]}";
}

tuf::MetadataReply TufRepository::fetch(const tuf::MetadataFile& wanted) {
  asked.push_back(wanted.file);
  for (const std::string& name : {wanted.file, wanted.role}) {
    if (const auto answer = answers.find(name); answer != answers.end()) return answer->second;
  }
  const auto file = files.find(wanted.file);
  if (file == files.end()) return missing();
  return {tuf::MetadataReply::Kind::found, file->second, Fault::unavailable, {}};
}

tuf::TrustedMetadata TufRepository::docker_cache() const {
  tuf::TrustedMetadata memory;
  memory.files["root"] = files.at("root.json");
  memory.files["snapshot"] = files.at("snapshot.json");
  memory.files["timestamp"] = files.at("timestamp.json");
  for (const auto& document : documents) memory.files[document.first] = files.at(document.first + ".json");
  return memory;
}

tuf::MetadataReply missing() { return {tuf::MetadataReply::Kind::missing, {}, Fault::missing, "the server says 404"}; }
tuf::MetadataReply unreachable() {
  return {tuf::MetadataReply::Kind::unreachable, {}, Fault::unauthorized, "the server says 401"};
}
tuf::MetadataReply rejected() {
  return {tuf::MetadataReply::Kind::rejected, {}, Fault::unavailable, "the server says 400"};
}

}  // namespace hallmark::test
