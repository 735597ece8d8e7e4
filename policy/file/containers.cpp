// SPDX-License-Identifier: Apache-2.0
#include "policy/file/containers.h"

#include <algorithm>
#include <array>

#include "trust/json_pointer.h"
#include "trust/system/scope.h"
#include "trust/system/values.h"

namespace hallmark::policy {
namespace {

using trust::refuse;
using trust::shown;

/// Exactly these members.
/// In the words of the format's own tools, so that people find what is said about them.
void require_exactly(const json::Object& object, std::initializer_list<std::string_view> names) {
  object.allow_only(names);
  for (const std::string_view name : names) {
    if (object.find(name) == nullptr) refuse("Key ", shown(name), " missing in a JSON object");
  }
}

/// Whether a list of texts was given; null counts as not given. An item is a string.
bool has_texts(const json::Object& object, std::string_view name) {
  const json::Value* member = object.find(name);
  // Go reads null into a list that is not there, so to those tools it was not given.
  if (member == nullptr || member->is_null()) return false;
  for (const json::Value& item : within(shown(name), [&]() -> const json::Array& { return member->array(); })) {
    within(shown(name), [&] { return item.string(); });
  }
  return true;
}

void check_base64(std::string_view name, const json::Value& text) {
  // Only to refuse what those tools refuse: the data are dropped, since nothing is verified with them yet.
  within(shown(name), [&] { return parse_base64(text.string()); });
}

/// Whether base64 data was given; the empty text counts, null does not.
bool has_data(const json::Object& object, std::string_view name) {
  const json::Value* member = object.find(name);
  if (member == nullptr || member->is_null()) return false;
  check_base64(name, *member);
  return true;
}

bool has_datas(const json::Object& object, std::string_view name) {
  if (!has_texts(object, name)) return false;
  for (const json::Value& item : object.at(name).array()) check_base64(name, item);
  return true;
}

/// A list that, once named, must have entries.
void require_entries(const json::Object& object, std::string_view name, std::string_view called) {
  const json::Value* member = object.find(name);
  if (member == nullptr) return;
  // To name a list of keys that has none is a mistake, which those tools refuse as well.
  if (member->is_null() || (member->is_array() && member->array().empty()))
    refuse(shown(called), " contains no entries");
}

void check_reference(const json::Object& identity, std::string_view member) {
  const std::string text = text_in(identity, member);
  const bool must_be_exact = member == "dockerReference";
  try {
    const Reference reference = Reference::parse(text);
    // An exact reference says which image it means; the tag that is filled in is nobody's word.
    if (!must_be_exact || !reference.tag_defaulted()) return;
  } catch (const Error& error) {
    refuse("Invalid format of ", member, " ", shown(text), ": ", error.what());
  }
  refuse(member, " ", shown(text), " contains neither a tag nor digest");
}

/// host[:port] or host[:port]/path, without a tag; the host may be any that a reference can begin with.
void check_prefix(const json::Object& identity, std::string_view member) {
  const std::string text = text_in(identity, member);
  const std::size_t slash = text.find('/');
  const bool good = is_domain(std::string_view(text).substr(0, slash)) &&
                    (slash == std::string::npos || is_repository_path(std::string_view(text).substr(slash + 1)));
  if (!good) refuse("prefix ", shown(text), " is not valid");
}

void check_identity(const json::Value& identity) {
  // An identity binds a signature to a name: one that is not known might bind it to any.
  const std::string type = type_in(identity);
  if (type == "matchExact" || type == "matchRepoDigestOrExact" || type == "matchRepository") {
    require_exactly(identity.object(), {"type"});
  } else if (type == "exactReference") {
    require_exactly(identity.object(), {"type", "dockerReference"});
    check_reference(identity.object(), "dockerReference");
  } else if (type == "exactRepository") {
    require_exactly(identity.object(), {"type", "dockerRepository"});
    check_reference(identity.object(), "dockerRepository");
  } else if (type == "remapIdentity") {
    require_exactly(identity.object(), {"type", "prefix", "signedPrefix"});
    check_prefix(identity.object(), "prefix");
    check_prefix(identity.object(), "signedPrefix");
  } else {
    refuse("Unknown policy reference match type ", shown(type));
  }
}

void check_signed_identity(const json::Object& object) {
  if (const json::Value* identity = object.find("signedIdentity")) check_identity(*identity);
}

/// Certificates come from a path or inline, not both. Whether there are any.
bool has_certificates(const json::Object& object, const std::string& path, const std::string& data) {
  const bool has_path = !text_in(object, path).empty();
  const bool has_inline = has_data(object, data);
  if (has_path && has_inline) refuse(path, " and ", data, " cannot be used simultaneously");
  return has_path || has_inline;
}

void check_fulcio(const json::Value& value) {
  const json::Object& fulcio = object_in(value);
  fulcio.allow_only({"caPath", "caData", "oidcIssuer", "subjectEmail"});
  if (!has_certificates(fulcio, "caPath", "caData")) refuse("At least one of caPath and caData must be specified");
  // An issuer alone would admit all of its accounts, and an address alone whichever issuer names it.
  for (const std::string_view name : {"oidcIssuer", "subjectEmail"}) {
    if (text_in(fulcio, name).empty()) refuse(name, " not specified");
  }
}

void check_pki(const json::Value& value) {
  const json::Object& pki = object_in(value);
  pki.allow_only(
      {"caRootsPath", "caRootsData", "caIntermediatesPath", "caIntermediatesData", "subjectEmail", "subjectHostname"});
  if (!has_certificates(pki, "caRootsPath", "caRootsData")) {
    refuse("At least one of caRootsPath and caRootsData must be specified");
  }
  // There need not be any, but both at once are refused like those of the root.
  has_certificates(pki, "caIntermediatesPath", "caIntermediatesData");
  // Without one, whoever has a certificate of this authority could sign.
  if (text_in(pki, "subjectEmail").empty() && text_in(pki, "subjectHostname").empty()) {
    refuse("At least one of subjectEmail, subjectHostname must be specified");
  }
}

int count(std::initializer_list<bool> sources) {
  return static_cast<int>(std::count(sources.begin(), sources.end(), true));
}

void check_rekor(const json::Object& object) {
  require_entries(object, "rekorPublicKeyPaths", "rekorPublickeyPaths");
  require_entries(object, "rekorPublicKeyDatas", "rekorPublickeyDatas");
  const int sources = count({!text_in(object, "rekorPublicKeyPath").empty(), has_texts(object, "rekorPublicKeyPaths"),
                             has_data(object, "rekorPublicKeyData"), has_datas(object, "rekorPublicKeyDatas")});
  // The spelling "Publickey" is that of the tools.
  constexpr std::string_view kNames =
      "rekorPublickeyPath, rekorPublicKeyPaths, rekorPublickeyData and rekorPublicKeyDatas";
  if (sources > 1) refuse("at most one of ", kNames, " can be used simultaneously");
  // Certificates of fulcio end after minutes: only a log tells that something was signed before.
  if (object.find("fulcio") != nullptr && sources == 0) {
    refuse("At least one of ", kNames, " must be specified if fulcio is used");
  }
  if (object.find("pki") != nullptr && sources > 0) refuse(kNames, " are not supported for pki");
}

void check_base_layer(const json::Object& object) {
  require_exactly(object, {"type", "baseLayerIdentity"});
  check_identity(object.at("baseLayerIdentity"));
}

Requirement read_requirement(const json::Value& value, std::string pointer) {
  Requirement requirement;
  requirement.pointer = std::move(pointer);
  requirement.type_name = type_in(value);
  // Unless it is told otherwise below, it never passes.
  requirement.type = Requirement::Type::unsupported;
  const std::string& type = requirement.type_name;
  if (type == "insecureAcceptAnything") {
    // A member that is passed over here might be a condition elsewhere.
    value.object().allow_only({"type"});
    requirement.type = Requirement::Type::accept_anything;
  } else if (type == "reject") {
    value.object().allow_only({"type"});
    requirement.type = Requirement::Type::reject;
  } else if (type == "signedBy") {
    // Read whole although it never passes: what does not load elsewhere does not load here.
    check_signed_by(value.object());
  } else if (type == "sigstoreSigned") {
    check_sigstore_signed(value.object());
  } else if (type == "signedBaseLayer") {
    check_base_layer(value.object());
  } else {
    refuse("Unknown policy requirement type ", shown(type));
  }
  return requirement;
}

}  // namespace

const json::Object& object_in(const json::Value& value) {
  // The format's own tools show the code of the character they found.
  if (value.is_array()) refuse("JSON object expected, got ", int{'['});
  if (!value.is_object()) refuse("JSON object expected, got ", value.kind_name());
  return value.object();
}

std::string text_in(const json::Object& object, std::string_view name) {
  const json::Value* member = object.find(name);
  if (member == nullptr || member->is_null()) return {};
  return within(shown(name), [&] { return member->string(); });
}

std::string type_in(const json::Value& value) { return value.is_null() ? "" : text_in(object_in(value), "type"); }

Requirements read_containers_requirements(const json::Value& list, const std::string& pointer) {
  // All of nothing would be a pass.
  if (list.is_null() || (list.is_array() && list.array().empty())) {
    refuse("List of verification policy requirements must not be empty");
  }
  Requirements requirements;
  for (const json::Value& item : list.array()) {
    requirements.push_back(read_requirement(item, item_of(pointer, requirements.size())));
  }
  return requirements;
}

void check_signed_by(const json::Object& object) {
  object.allow_only({"type", "keyType", "keyPath", "keyPaths", "keyData", "signedIdentity"});
  const std::string key_type = text_in(object, "keyType");
  static constexpr std::array<std::string_view, 4> kKeyTypes{"GPGKeys", "signedByGPGKeys", "X509Certificates",
                                                             "signedByX509CAs"};
  if (object.find("keyType") != nullptr && std::find(kKeyTypes.begin(), kKeyTypes.end(), key_type) == kKeyTypes.end()) {
    refuse("Unrecognized keyType value ", shown(key_type));
  }
  check_signed_identity(object);
  // To name a member counts, whatever is in it: the tools look at that first.
  const int named =
      count({object.find("keyPath") != nullptr, object.find("keyPaths") != nullptr, object.find("keyData") != nullptr});
  constexpr std::string_view kOne = "xactly one of keyPath, keyPaths and keyData must be specified";
  if (named == 0) refuse("E", kOne, ", none of them present");
  if (named > 1) refuse("E", kOne, ", more than one present");
  if (key_type.empty()) refuse("invalid keyType ", shown(key_type));
  // Named, and yet empty or null.
  if (count({!text_in(object, "keyPath").empty(), has_texts(object, "keyPaths"), has_data(object, "keyData")}) != 1) {
    refuse("e", kOne);
  }
}

void check_sigstore_signed(const json::Object& object) {
  object.allow_only({"type", "keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki", "rekorPublicKeyPath",
                     "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas", "signedIdentity"});
  const json::Value* fulcio = object.find("fulcio");
  const json::Value* pki = object.find("pki");
  if (fulcio != nullptr) check_fulcio(*fulcio);
  if (pki != nullptr) check_pki(*pki);
  check_signed_identity(object);
  require_entries(object, "keyPaths", "keyPaths");
  require_entries(object, "keyDatas", "keyDatas");
  // With two sources of keys it would be open whether one or both have to sign.
  if (count({!text_in(object, "keyPath").empty(), has_texts(object, "keyPaths"), has_data(object, "keyData"),
             has_datas(object, "keyDatas"), fulcio != nullptr, pki != nullptr}) != 1) {
    refuse("exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and pki must be specified");
  }
  check_rekor(object);
}

}  // namespace hallmark::policy
