// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/policy/store.h"

#include <algorithm>
#include <set>

#include "trust/digest.h"
#include "trust/json_pointer.h"
#include "trust/system/material.h"
#include "trust/system/scope.h"
#include "trust/system/values.h"

namespace hallmark::tuf {
namespace {

using trust::refuse;

/// ^targets(/[a-z0-9_/-]+)?$
bool is_role(std::string_view text) {
  if (!text.starts_with("targets")) return false;
  text.remove_prefix(std::string_view("targets").size());
  if (text.empty()) return true;
  return text.size() > 1 && text.front() == '/' && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '-';
         });
}

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
  const std::string fault = name.ends_with("/*") ? trust::repository_prefix_fault(name.substr(0, name.size() - 2))
                                                 : trust::repository_fault(name);
  if (!fault.empty()) refuse("\"", printable(text, 200), "\": ", fault);
  return text;
}

std::vector<std::string> key_ids_in(const json::Value& value) {
  std::vector<std::string> ids = trust::texts_in(value);
  for (const std::string& id : ids) {
    if (!trust::is_hex64(id)) refuse("a key id is 64 lower-case hex digits, found \"", printable(id, 80), "\"");
  }
  // It counts once; whoever wrote it twice may think that it meets a threshold of two.
  if (std::set<std::string>(ids.begin(), ids.end()).size() != ids.size()) refuse("a key id stands twice in the list");
  return ids;
}

Wildcards wildcards_in(const json::Value& value) {
  const std::string& text = value.string();
  if (text == "accept") return Wildcards::accepted;
  if (text == "refuse") return Wildcards::refused;
  refuse("expected \"accept\" or \"refuse\", found \"", printable(text, 40), "\"");
}

Pin read_pin(const json::Object& object, const std::string& pointer, trust::Material& material) {
  object.allow_only({"gun", "rootKeyIds", "root", "minRootVersion", "wildcardCertificates"});
  const json::Value* ids = object.find("rootKeyIds");
  const json::Value* root = object.find("root");
  // A pin of nothing would be trust on first use by another name.
  if (ids == nullptr && root == nullptr) refuse("a pin needs rootKeyIds or root");
  Pin pin;
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

std::vector<Pin> read_pins(const json::Value& list, const std::string& pointer, trust::Material& material) {
  std::vector<Pin> pins;
  std::set<std::string> guns;
  for (const json::Value& item : list.array()) {
    const std::string place = item_of(pointer, pins.size());
    pins.push_back(at_pointer(place, [&] { return read_pin(item.object(), place, material); }));
    // One of the two would have no effect, and nothing says which.
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
  // No plain http: pins stop forgeries, but anybody on the way could hold back newer trust data.
  if (!url.starts_with(kScheme)) refuse("expected an https URL or file:///PATH, found \"", printable(url, 200), "\"");
  // No user and no query: a password has no place in a policy, and the names of files are put behind the path.
  if (!plain || !is_domain(rest.substr(0, rest.find('/'))) || rest.find_first_of("?#") != std::string_view::npos) {
    refuse("expected https://HOST[:PORT][/PATH], found \"", printable(url, 200), "\"");
  }
  return url;
}

std::string ca_file_in(const json::Value& value, trust::Material& material) {
  const std::string& path = value.string();
  // A wrong path is noticed when the policy is read, and the hash of the file goes into the record of decisions.
  const Bytes bytes = material.file(path);
  if (text_of(bytes).find("-----BEGIN CERTIFICATE-----") == std::string_view::npos) {
    refuse("file \"", printable(path, 200), "\" holds no certificate in PEM form");
  }
  return path;
}

}  // namespace

std::string gun_in(const json::Value& value) {
  const std::string& text = value.string();
  if (const std::string fault = trust::repository_fault(text); !fault.empty())
    refuse("\"", printable(text, 200), "\": ", fault);
  return text;
}

std::vector<std::string> roles_in(const json::Value& value) {
  std::vector<std::string> roles = trust::texts_in(value);
  for (const std::string& role : roles) {
    if (!is_role(role)) refuse("\"", printable(role, 120), "\" is no role: targets, or targets/NAME in lower case");
  }
  return roles;
}

std::shared_ptr<const trust::Store> read_store(const json::Object& object, const std::string& pointer,
                                               const std::string& name, const trust::ReadFile& read_file) {
  object.allow_only({"kind", "pins", "server", "caFile", "roles"});
  auto store = std::make_shared<Store>();
  store->name = name;
  trust::Material material(store->material, read_file);
  const std::string pins = pointer + "/pins";
  store->pins = at_pointer(pins, [&] { return read_pins(object.at("pins"), pins, material); });
  if (const json::Value* server = object.find("server")) {
    store->server = at_pointer(pointer + "/server", [&] { return server_in(*server); });
  }
  if (const json::Value* ca_file = object.find("caFile")) {
    if (store->server && store->server->starts_with(kDirectory)) {
      at_pointer(pointer + "/caFile", [] { refuse("a directory has no certificate to check"); });
    }
    store->ca_file = at_pointer(pointer + "/caFile", [&] { return ca_file_in(*ca_file, material); });
  }
  store->roles = {"targets/releases", "targets"};  // docker's order
  if (const json::Value* roles = object.find("roles")) {
    store->roles = at_pointer(pointer + "/roles", [&] { return roles_in(*roles); });
  }
  return store;
}

const Pin* Store::pin_for(const std::string& gun) const {
  const Pin* best = nullptr;
  for (const Pin& pin : pins) {
    // A narrower pin replaces a wider one: their keys are never added up.
    if (pin.gun == gun) return &pin;
    // With its slash: "reg.example/*" says nothing of "reg.example.net/app".
    const bool is_prefix =
        pin.gun.ends_with("/*") && gun.starts_with(std::string_view(pin.gun).substr(0, pin.gun.size() - 1));
    if (is_prefix && (best == nullptr || pin.gun.size() > best->gun.size())) best = &pin;
  }
  return best;
}

std::string Store::summary() const { return server ? " at " + *server : ""; }

std::vector<std::string> Store::details() const {
  std::vector<std::string> lines;
  for (const Pin& pin : pins) {
    std::string line = "pin     " + pin.gun;
    for (const std::string& id : pin.anchor.root_key_ids) line += " root key " + id;
    if (pin.anchor.root) line += " root file " + Digest::of(*pin.anchor.root).to_string();
    if (pin.anchor.least_root_version) line += " from version " + std::to_string(*pin.anchor.least_root_version);
    if (pin.anchor.wildcards == Wildcards::accepted) line += ", wildcard certificates accepted";
    lines.push_back(std::move(line));
  }
  return lines;
}

void Store::write(json::Writer& writer) const {
  writer.key("Server").string_or_null(server).key("Guns").begin_array();
  for (const Pin& pin : pins) writer.string(pin.gun);
  writer.end_array();
}

/// Trust data say nowhere whose they are but in the root certificate.
std::vector<std::string> Store::remarks(const std::string& pointer) const {
  std::vector<std::string> remarks;
  for (std::size_t number = 0; number < pins.size(); ++number) {
    const Pin& pin = pins[number];
    const bool is_accepted = pin.anchor.wildcards == Wildcards::accepted;
    if (!is_accepted && !pin.gun.ends_with("/*")) continue;
    remarks.push_back(item_of(pointer + "/pins", number) + ": \"" + pin.gun + "\": root certificates for several " +
                      "repositories, as \"" + pin.gun.substr(0, pin.gun.rfind('/')) + "/*\", are " +
                      (is_accepted ? "accepted: what was signed for one of them passes for all that the pin names"
                                   : "refused; each repository needs one of its own among the pinned"));
  }
  return remarks;
}

}  // namespace hallmark::tuf
