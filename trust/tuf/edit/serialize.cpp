// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/edit/serialize.h"

#include <algorithm>

#include "trust/digest.h"
#include "trust/error.h"
#include "trust/tuf/canonical.h"

namespace hallmark::tuf {
namespace {

/// docs/notary-v1.md, 3: what Go's writer escapes, and the control characters that canonical JSON leaves raw. All of
/// these stand inside strings only, for the canonical form has no white space.
void append_wire(std::string_view canonical, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  const auto escape = [&](unsigned char byte) {
    out += "\\u00";
    out += kHex[byte >> 4U];
    out += kHex[byte & 0xfU];
  };
  for (std::size_t i = 0; i < canonical.size(); ++i) {
    const auto byte = static_cast<unsigned char>(canonical[i]);
    if (byte == '<' || byte == '>' || byte == '&' || byte < 0x20) {
      escape(byte);
    } else if (byte == 0xe2 && (canonical.substr(i, 3) == "\xe2\x80\xa8" || canonical.substr(i, 3) == "\xe2\x80\xa9")) {
      out += canonical[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += canonical[i];
    }
  }
}

void require_enough(std::string_view what, const RequiredSignatures& required, const KeyRing& ring) {
  const std::size_t found = at_hand(required, ring);
  if (static_cast<std::int64_t>(found) >= required.role.threshold) return;
  std::string ids;
  for (const std::string& id : canonical_ids(required)) {
    if (ring.find(id) == nullptr) ids += (ids.empty() ? "" : ", ") + id;
  }
  throw Error(Fault::usage,
              detail::joined(what, " needs signatures by ", required.role.threshold, " of its keys, ", found,
                             " are at hand; missing are ", ids.empty() ? "all" : ids),
              "load the missing key, or ask its owner to sign");
}

}  // namespace

Members members_of(const json::Object& object) { return {object.members().begin(), object.members().end()}; }

Members members_of(const json::Value& object) { return object.is_null() ? Members{} : members_of(object.object()); }

json::Value value_of(const Members& members) {
  return json::Value(json::Object(std::vector<json::Object::Member>(members.begin(), members.end())));
}

json::Value value_of(std::string_view text) { return json::Value(std::string(text)); }

json::Value value_of(std::int64_t number) { return json::Value(json::Number{std::to_string(number)}); }

json::Value value_of(const std::vector<std::string>& texts) {
  json::Array items;
  for (const std::string& text : texts) items.emplace_back(text);
  return json::Value(std::move(items));
}

void set_common(const Dialect& dialect, Kind kind, const SignedCommon& common, Members& content) {
  content.insert_or_assign("_type", value_of(dialect.type_name(kind)));
  content.insert_or_assign("expires", value_of(std::string_view(to_text(common.expires))));
  content.insert_or_assign("version", value_of(common.version));
}

json::Value hashes_of(const Dialect& dialect, const std::vector<Digest>& digests) {
  Members hashes;
  for (const Digest& digest : digests) {
    hashes.emplace(digest.algorithm_name(), value_of(std::string_view(dialect.write_hash(digest))));
  }
  return value_of(hashes);
}

json::Value file_meta(const Dialect& dialect, ByteView file) {
  Members meta;
  // Both, as Notary's writers list them.
  meta.emplace("hashes", hashes_of(dialect, {Digest::of(file), Digest::of(file, Algorithm::sha512)}));
  meta.emplace("length", value_of(static_cast<std::int64_t>(file.size())));
  return value_of(meta);
}

void require_clean(std::string_view what, std::string_view text) {
  const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; };
  bool clean = std::none_of(text.begin(), text.end(), is_control);
  if (clean) {
    // Without control characters the canonical form is JSON, and the strict reader tells whether it is UTF-8.
    std::string quoted;
    append_canonical(text, quoted);
    try {
      static_cast<void>(json::parse(what, view_of(quoted)));
    } catch (const Error& error) {
      if (error.fault() != Fault::corrupt) throw;
      clean = false;
    }
  }
  if (!clean) fail(Fault::usage, what, " \"", printable(text, 80), "\" has control characters or is no UTF-8");
}

std::vector<std::string> canonical_ids(const RequiredSignatures& required) {
  std::vector<std::string> ids;
  for (const std::string& id : required.role.key_ids) {
    const std::string& canonical = required.keys.find(id)->second.canonical_id;
    // One key in two certificates is one signer, to readers as well.
    if (std::find(ids.begin(), ids.end(), canonical) == ids.end()) ids.push_back(canonical);
  }
  return ids;
}

std::size_t at_hand(const RequiredSignatures& required, const KeyRing& ring) {
  const std::vector<std::string> ids = canonical_ids(required);
  return static_cast<std::size_t>(
      std::count_if(ids.begin(), ids.end(), [&](const std::string& id) { return ring.find(id) != nullptr; }));
}

Bytes sign_document(const Dialect& dialect, std::string_view what, const json::Value& content,
                    const std::vector<RequiredSignatures>& all_required, const KeyRing& ring) {
  // All that is required is looked at before the first signature.
  for (const RequiredSignatures& required : all_required) require_enough(what, required, ring);
  std::string canonical;
  // One text, twice: this form is signed, and with a few escapes it is served, so the two cannot differ.
  append_canonical(content, canonical);
  std::string text = R"({"signed":)";
  append_wire(canonical, text);
  text += R"(,"signatures":)";
  // By id, so that a key of the former root and of the new one signs once.
  std::map<std::string, const crypto::SecretKey*> signers;  // under the ids that the documents list them by
  for (const RequiredSignatures& required : all_required) {
    for (const std::string& id : required.role.key_ids) {
      const crypto::SecretKey* key = ring.find(required.keys.find(id)->second.canonical_id);
      if (key != nullptr) signers.emplace(id, key);
    }
  }
  char separator = '[';
  for (const auto& [id, key] : signers) {
    text += separator + json::to_text(dialect.write_signature(id, *key, view_of(canonical)));
    separator = ',';
  }
  return bytes_of(text + "]}");
}

}  // namespace hallmark::tuf
