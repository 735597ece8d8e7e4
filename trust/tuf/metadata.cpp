// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/metadata.h"

#include <algorithm>
#include <array>
#include <set>

#include "trust/error.h"
#include "trust/tuf/canonical.h"

namespace hallmark::tuf {
namespace {

/// What Notary's clients read of one file. All files of a question have a lower limit together (allowance.h).
constexpr std::size_t kMostBytes = std::size_t{100} << 20U;
constexpr std::size_t kDeepest = 64;
/// Each may cost a verification: a small file must not keep this machine busy.
constexpr std::size_t kMostSignatures = 256;
/// A signed tag has four values, or five: a hundred thousand tags.
constexpr std::size_t kMostValues = 500'000;

/// Writers in Go write an empty list or map as null.
const json::Array& list_or_null(const json::Value& value) {
  static const json::Array kEmpty;
  return value.is_null() ? kEmpty : value.array();
}

const json::Object& map_or_null(const json::Value& value) {
  static const json::Object kEmpty;
  return value.is_null() ? kEmpty : value.object();
}

SignedCommon read_common(const Dialect& dialect, Kind kind, const json::Object& content) {
  const std::string& type = content.at("_type").string();
  // One key may sign several roles: a document of one of them must not pass for another.
  if (type != dialect.type_name(kind)) {
    fail(Fault::corrupt, "_type is \"", printable(type, 40), "\", expected \"", dialect.type_name(kind), "\"");
  }
  // A version decides about rollbacks, so it has one spelling: integer() takes no "2.0".
  const std::int64_t version = content.at("version").integer();
  if (version < 1) fail(Fault::corrupt, "version ", version, " is below 1");
  return {version, dialect.parse_expiry(content.at("expires").string())};
}

bool is_key_id(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Keys read_keys(const Dialect& dialect, const json::Object& object) {
  Keys keys;
  for (const auto& [id, key] : object.members()) {
    // An id is a hash in hex; anything else could never be its key's own, and would only be shown to people.
    if (!is_key_id(id)) fail(Fault::corrupt, "\"", printable(id, 80), "\" is no key id");
    keys.emplace(id, dialect.parse_key(key.object()));
  }
  return keys;
}

Role read_role(const json::Object& object, const Keys& keys) {
  Role signers{{}, object.at("threshold").integer()};
  // Nobody's signature would meet a threshold of 0.
  if (signers.threshold < 1) fail(Fault::corrupt, "threshold ", signers.threshold, " is below 1");
  for (const json::Value& value : list_or_null(object.at("keyids"))) {
    const std::string& id = value.string();
    // Whoever counts signatures later looks the key up without asking whether it is there.
    if (keys.find(id) == keys.end()) fail(Fault::corrupt, "key ", printable(id, 80), " is not among the keys");
    signers.key_ids.push_back(id);
  }
  return signers;
}

std::vector<Digest> read_hashes(const Dialect& dialect, const json::Object& hashes) {
  std::vector<Digest> digests;
  for (const auto& [algorithm, text] : hashes.members()) {
    // Algorithms that this dialect passes over are left out: what is not compared must not look compared.
    if (std::optional<Digest> digest = dialect.parse_hash(algorithm, text.string())) digests.push_back(*digest);
  }
  return digests;
}

FileMeta read_file_meta(const Dialect& dialect, const json::Object& object) {
  FileMeta meta{object.at("length").size(), read_hashes(dialect, object.at("hashes").object())};
  // sha256 comes first: the file is asked for by that name.
  std::sort(meta.digests.begin(), meta.digests.end());
  if (meta.digests.empty() || meta.digests.front().algorithm() != Algorithm::sha256) {
    fail(Fault::corrupt, "no sha256 hash");
  }
  // The length becomes the limit of a fetch.
  if (meta.length > kMostBytes) fail(Fault::corrupt, "length ", meta.length, ", at most ", kMostBytes);
  return meta;
}

Delegation read_delegation(const Dialect& dialect, std::string_view parent, const json::Object& object,
                           const Keys& keys) {
  Delegation delegation{object.at("name").string(), {}, {}};
  // The name becomes the name of a file, and no role may speak for one that is not below it.
  if (!dialect.may_delegate(parent, delegation.name)) {
    fail(Fault::corrupt, "\"", printable(delegation.name, 80), "\" is no role that ", parent, " can delegate to");
  }
  within(delegation.name, [&] {
    delegation.role = read_role(object, keys);
    // Left out means none: then the role can sign nothing (docs/notary-v1.md, 1.3).
    if (const json::Value* paths = object.find("paths")) {
      for (const json::Value& path : list_or_null(*paths)) delegation.paths.push_back(path.string());
    }
  });
  return delegation;
}

void read_delegations(const Dialect& dialect, std::string_view role, const json::Object& object, Targets& targets) {
  targets.keys = read_keys(dialect, map_or_null(object.at("keys")));
  std::set<std::string> names;
  for (const json::Value& value : list_or_null(object.at("roles"))) {
    Delegation delegation = read_delegation(dialect, role, value.object(), targets.keys);
    // Of two entries with other keys one reader would take the first and another the last.
    if (!names.insert(delegation.name).second) fail(Fault::corrupt, delegation.name, " is delegated to twice");
    targets.delegations.push_back(std::move(delegation));
  }
}

}  // namespace

Envelope Envelope::read(const Dialect& dialect, std::string_view role, ByteView bytes) {
  Envelope envelope(json::parse(role, bytes, {kMostBytes, kDeepest, kMostValues}));
  const json::Object& document = envelope.document_.object();
  // Signed is the canonical form, never the bytes of the file, which every writer lays out otherwise.
  envelope.canonical_.reserve(bytes.size());
  // content() rests on it being an object.
  static_cast<void>(document.at("signed").object());
  append_canonical(document.at("signed"), envelope.canonical_);
  const json::Array& signatures = list_or_null(document.at("signatures"));
  if (signatures.size() > kMostSignatures) fail(Fault::corrupt, "more than ", kMostSignatures, " signatures");
  for (const json::Value& signature : signatures) {
    envelope.signatures_.push_back(dialect.parse_signature(signature.object()));
  }
  return envelope;
}

Root read_root(const Dialect& dialect, const json::Object& content) {
  // A root may list others as well: nobody asks for them, so they are not read.
  static constexpr std::array<std::string_view, 4> kRoles{"root", "snapshot", "targets", "timestamp"};
  Root root{read_common(dialect, Kind::root, content), read_keys(dialect, content.at("keys").object()), {}};
  const json::Object& roles = content.at("roles").object();
  for (const std::string_view role : kRoles) {
    within(role, [&] { root.roles.emplace(role, read_role(roles.at(role).object(), root.keys)); });
  }
  return root;
}

MetaListing read_listing(const Dialect& dialect, Kind kind, const json::Object& content) {
  MetaListing listing{read_common(dialect, kind, content), {}};
  for (const auto& member : content.at("meta").object().members()) {
    within("meta of " + printable(member.first, 80),
           [&] { listing.meta.emplace(member.first, read_file_meta(dialect, member.second.object())); });
  }
  // Whoever takes the next document looks its entry up without asking whether it is there.
  for (const std::string& role : dialect.required_meta(kind)) {
    if (listing.meta.find(dialect.meta_name(role)) == listing.meta.end()) {
      fail(Fault::corrupt, "meta does not list ", role);
    }
  }
  return listing;
}

Targets read_targets(const Dialect& dialect, std::string_view role, const json::Object& content) {
  Targets targets{read_common(dialect, Kind::targets, content), {}, {}, {}};
  if (const json::Value* delegations = content.find("delegations")) {
    read_delegations(dialect, role, delegations->object(), targets);
  }
  // Any text may be a name: what is no tag is found by no lookup. "custom" is no part of a judgement.
  for (const auto& [name, value] : map_or_null(content.at("targets")).members()) {
    const json::Object& target = value.object();
    targets.targets.append(name, target.at("length").size(), read_hashes(dialect, map_or_null(target.at("hashes"))));
  }
  return targets;
}

FileCheck compare(const FileMeta& expected, ByteView bytes) {
  if (bytes.size() != expected.length) {
    return {false, "expected " + std::to_string(expected.length) + " bytes, found " + std::to_string(bytes.size())};
  }
  // All of them: a signer who lists two hashes wants both to be good, not one that somebody can choose.
  for (const Digest& digest : expected.digests) {
    const Digest found = Digest::of(bytes, digest.algorithm());
    if (found != digest) return {false, "expected " + digest.to_string() + ", found " + found.to_string()};
  }
  return {true, {}};
}

}  // namespace hallmark::tuf
