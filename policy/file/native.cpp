// SPDX-License-Identifier: Apache-2.0
#include "policy/file/native.h"

#include <algorithm>
#include <array>

#include "policy/file/containers.h"
#include "policy/file/gates_reader.h"
#include "policy/systems.h"
#include "trust/json_pointer.h"
#include "trust/quantity.h"
#include "trust/system/values.h"
#include "trust/text.h"

namespace hallmark::policy {
namespace {

/// Their author has misspelled nothing: it is this version that does not have them.
constexpr std::array<std::string_view, 3> kLaterTypes{"sigstore", "notation", "attestation"};

using trust::refuse;

/// The object without what only the native dialect has, so that the other dialect's rules can read it.
json::Object without_id(const json::Object& object) {
  std::vector<json::Object::Member> members;
  for (const json::Object::Member& member : object.members()) {
    if (member.first != "id") members.push_back(member);
  }
  return json::Object(std::move(members));
}

/// What this dialect narrows: no empty lists, OpenPGP keys only, no identity that binds to nothing.
void check_taken_over(const json::Object& object) {
  // The other dialect takes an empty `keyPaths`, as its tools do.
  for (const std::string_view name : {"keyPaths", "keyDatas", "rekorPublicKeyPaths", "rekorPublicKeyDatas"}) {
    const json::Value* list = object.find(name);
    if (list != nullptr && list->is_array() && list->array().empty()) refuse("\"", name, "\" must not be empty");
  }
  if (object.find("store") != nullptr) trust::not_supported_yet("\"store\" in a requirement of this type");
  const json::Value* identity = object.find("signedIdentity");
  if (identity != nullptr && type_in(*identity) == "unbound") trust::not_supported_yet("signedIdentity \"unbound\"");
  if (const json::Value* key_type = object.find("keyType"); key_type != nullptr && key_type->string() != "GPGKeys") {
    refuse("keyType must be \"GPGKeys\", found \"", printable(key_type->string(), 80), "\"");
  }
}

class Reader {
 public:
  explicit Reader(const trust::Stores& stores) : stores_(stores) {}

  Requirements list(const json::Value& value, const std::string& pointer) const {
    const json::Array& items = at_pointer(pointer, [&]() -> const json::Array& {
      // All of nothing would be a pass.
      if (value.array().empty()) refuse("List of verification policy requirements must not be empty");
      return value.array();
    });
    Requirements requirements;
    for (const json::Value& item : items) requirements.push_back(one(item, item_of(pointer, requirements.size())));
    return requirements;
  }

 private:
  using Type = Requirement::Type;

  Requirement one(const json::Value& value, const std::string& pointer) const {
    Requirement requirement;
    requirement.pointer = pointer;
    // A list inside names its own place.
    // Of any type: one that has no list refuses the member when its own members are read.
    for (const std::string_view inner : {"of", "requirements"}) {
      const json::Value* found = value.is_object() ? value.object().find(inner) : nullptr;
      if (found != nullptr) requirement.of = list(*found, member_of(pointer, inner));
    }
    at_pointer(pointer, [&] { read(object_in(value), requirement); });
    return requirement;
  }

  void read(const json::Object& object, Requirement& requirement) const {
    requirement.type_name = object.at("type").string();
    if (const json::Value* id = object.find("id")) {
      // Records, reports and terminals show it.
      trust::check_name(id->string());
      requirement.id = id->string();
    }
    const std::string& type = requirement.type_name;
    // The types of the policy itself come first, so that no system takes one of them over.
    if (type == "insecureAcceptAnything") {
      object.allow_only({"type", "id"});
      requirement.type = Type::accept_anything;
    } else if (type == "reject") {
      read_reject(object, requirement);
    } else if (type == "threshold") {
      read_threshold(object, requirement);
    } else if (type == "digest") {
      read_digest(object, requirement);
    } else if (type == "gates") {
      requirement.type = Type::gates;
      requirement.gates = read_gates(object);
    } else if (type == "audit") {
      read_audit_requirement(object, requirement);
    } else if (!read_system(object, requirement)) {
      read_unsupported(object, requirement);
    }
  }

  static void read_reject(const json::Object& object, Requirement& requirement) {
    object.allow_only({"type", "id", "message"});
    requirement.type = Type::reject;
    if (const json::Value* message = object.find("message")) requirement.message = message->string();
  }

  /// Whether a trust system has a requirement of this type.
  bool read_system(const json::Object& object, Requirement& requirement) const {
    for (const trust::System* system : systems()) {
      for (const trust::RequirementKind& kind : system->requirements) {
        if (kind.type != requirement.type_name) continue;
        requirement.type = Type::system;
        // With the stores: a name that none of them has is found out now, not at the first pull.
        requirement.system = kind.read(object, stores_);
        if (const json::Value* store = object.find("store")) requirement.store = store->string();
        return true;
      }
    }
    return false;
  }

  static void read_threshold(const json::Object& object, Requirement& requirement) {
    object.allow_only({"type", "id", "k", "of", "distinct"});
    requirement.type = Type::threshold;
    // The branches have been read. What is asked here is that they are a list.
    static_cast<void>(object.at("of").array());
    requirement.k = object.at("k").size();
    // 0 passes for everything, and more than all for nothing.
    if (requirement.k < 1 || requirement.k > requirement.of.size()) {
      refuse("k must be from 1 to ", requirement.of.size(), ", the number of branches, found ", requirement.k);
    }
    // A threshold is counted before the first layer inflates. A branch that fails later could not be taken out again.
    if (limits_inflation(requirement.of)) {
      refuse("size.maxUncompressed cannot stand in a threshold: it is not known before the layers are fetched");
    }
    // Signers, when nothing is said: counting branches gives one key as many votes as it has requirements.
    if (const json::Value* distinct = object.find("distinct")) {
      const std::string& word = distinct->string();
      if (word != "signer" && word != "requirement") {
        refuse("distinct is \"signer\" or \"requirement\", found \"", printable(word, 80), "\"");
      }
      requirement.distinct = word == "signer" ? Requirement::Distinct::signer : Requirement::Distinct::requirement;
    }
  }

  static void read_digest(const json::Object& object, Requirement& requirement) {
    object.allow_only({"type", "id", "allow"});
    requirement.type = Type::digest;
    for (const std::string& text : trust::texts_in(object.at("allow")))
      requirement.allow.push_back(Digest::parse(text));
  }

  static void read_audit_requirement(const json::Object& object, Requirement& requirement) {
    object.allow_only({"type", "id", "requirements", "until"});
    requirement.type = Type::audit;
    // Without it the audit would look at nothing.
    static_cast<void>(object.at("requirements"));
    if (const json::Value* until = object.find("until")) {
      requirement.until = within("until", [&] { return parse_plain_time(until->string()); });
    }
  }

  static std::vector<std::string> known_types() {
    std::vector<std::string> types{"audit",  "digest",    "gates",          "insecureAcceptAnything",
                                   "reject", "threshold", "sigstoreSigned", "signedBy"};
    for (const trust::System* system : systems()) {
      for (const trust::RequirementKind& kind : system->requirements) types.emplace_back(kind.type);
    }
    std::sort(types.begin(), types.end());
    return types;
  }

  static bool limits_inflation(const Requirements& requirements) {
    return std::any_of(requirements.begin(), requirements.end(), [](const Requirement& one) {
      return (one.gates && one.gates->size && one.gates->size->most_uncompressed) || limits_inflation(one.of);
    });
  }

  static void read_unsupported(const json::Object& object, Requirement& requirement) {
    const std::string& type = requirement.type_name;
    if (std::find(kLaterTypes.begin(), kLaterTypes.end(), type) != kLaterTypes.end()) {
      trust::not_supported_yet("requirement type \"" + type + "\"");
    }
    // What is wrong in it is told today, and not when it begins to count.
    requirement.type = Type::unsupported;
    if (type == "signedBy") {
      check_taken_over(object);
      check_signed_by(without_id(object));
    } else if (type == "sigstoreSigned") {
      check_taken_over(object);
      check_sigstore_signed(without_id(object));
    } else {
      throw Error(Fault::usage, "Unknown policy requirement type \"" + printable(type, 80) + "\"",
                  hint_for(type, known_types()));
    }
  }

  const trust::Stores& stores_;
};

/// An audit as well: before its date it refuses nothing, and without one never.
bool accepts_anything(const Requirement& requirement) {
  if (requirement.type == Requirement::Type::accept_anything || requirement.type == Requirement::Type::audit)
    return true;
  if (requirement.type != Requirement::Type::threshold) return false;
  const auto open = std::count_if(requirement.of.begin(), requirement.of.end(),
                                  [](const Requirement& branch) { return accepts_anything(branch); });
  // With distinct signers all open branches count once; without, each.
  if (requirement.distinct == Requirement::Distinct::signer) return open > 0 && requirement.k == 1;
  return static_cast<std::size_t>(open) >= requirement.k;
}

}  // namespace

Requirements read_native_requirements(const json::Value& list, const std::string& pointer,
                                      const trust::Stores& stores) {
  return Reader(stores).list(list, pointer);
}

bool accepts_anything(const Requirements& requirements) {
  // One that may refuse is enough for the list not to be open.
  return std::all_of(requirements.begin(), requirements.end(),
                     [](const Requirement& requirement) { return accepts_anything(requirement); });
}

}  // namespace hallmark::policy
