// SPDX-License-Identifier: Apache-2.0
#include "policy/file/gates_reader.h"

#include <algorithm>

#include "trust/quantity.h"
#include "trust/reference.h"
#include "trust/system/values.h"

namespace hallmark::policy {
namespace {

using trust::refuse;

/// The member, read with its name in the message; nothing when it is absent.
template <class Read>
void read_member(const json::Object& object, std::string_view name, Read&& read) {
  if (const json::Value* value = object.find(name)) within(name, [&] { read(*value); });
}

/// An object of gates that asks something.
const json::Object& asking(const json::Value& value, std::initializer_list<std::string_view> names) {
  const json::Object& object = value.object();
  object.allow_only(names);
  // Its author believes that something is checked.
  if (object.members().empty()) refuse("it is empty and would ask nothing");
  return object;
}

std::vector<Pattern> patterns_in(const json::Value& value) {
  std::vector<Pattern> patterns;
  for (const std::string& text : trust::texts_in(value)) patterns.push_back(Pattern::parse(text));
  return patterns;
}

TextMatch read_match(const json::Value& value) {
  const json::Object& object = value.object();
  object.allow_only({"equals", "regex", "in"});
  // Two of them would leave open whether one or both must fit.
  if (object.members().size() != 1) refuse("expected one of \"equals\", \"regex\", \"in\"");
  TextMatch match;
  read_member(object, "equals", [&](const json::Value& text) { match.listed = {text.string()}; });
  read_member(object, "regex", [&](const json::Value& text) { match.pattern = Pattern::parse(text.string()); });
  read_member(object, "in", [&](const json::Value& list) { match.listed = trust::texts_in(list); });
  return match;
}

Gates::Reference read_reference(const json::Value& value) {
  const json::Object& object = asking(value, {"requireDigest", "forbidTags", "tagPattern"});
  Gates::Reference gate;
  read_member(object, "requireDigest", [&](const json::Value& truth) { gate.digest_required = truth.boolean(); });
  read_member(object, "forbidTags", [&](const json::Value& list) { gate.forbidden_tags = trust::texts_in(list); });
  read_member(object, "tagPattern", [&](const json::Value& text) { gate.tag_pattern = Pattern::parse(text.string()); });
  // What can be no tag forbids nothing, and nobody would notice.
  for (const std::string& tag : gate.forbidden_tags) {
    if (!Reference::is_tag(tag)) refuse("forbidTags: \"", printable(tag, 130), "\" is no tag");
  }
  return gate;
}

/// ^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?$
bool is_platform(std::string_view text) {
  // In lower case, as OCI image-spec, config.md takes os and architecture from Go: "Linux/amd64" would match no image.
  const auto is_word = [](std::string_view part, bool underscore) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [underscore](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (underscore && c == '_');
    });
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !is_word(text.substr(0, slash), false)) return false;
  const std::string_view rest = text.substr(slash + 1);
  const std::size_t second = rest.find('/');
  if (!is_word(rest.substr(0, second), true)) return false;
  return second == std::string_view::npos || is_word(rest.substr(second + 1), false);
}

std::vector<std::string> read_platforms(const json::Value& value) {
  std::vector<std::string> platforms = trust::texts_in(value);
  for (const std::string& platform : platforms) {
    if (!is_platform(platform)) {
      refuse("a platform is written os/architecture[/variant], found \"", printable(platform, 80), "\"");
    }
  }
  return platforms;
}

Gates::MediaTypes read_media_types(const json::Value& value) {
  const json::Object& object = asking(value, {"manifest", "config", "layer"});
  Gates::MediaTypes gate;
  read_member(object, "manifest", [&](const json::Value& list) { gate.manifest = trust::texts_in(list); });
  read_member(object, "config", [&](const json::Value& list) { gate.config = trust::texts_in(list); });
  read_member(object, "layer", [&](const json::Value& list) { gate.layer = trust::texts_in(list); });
  return gate;
}

Gates::Size read_size(const json::Value& value) {
  // With units, for a bare number is bytes to one person and megabytes to another.
  const json::Object& object = asking(value, {"maxCompressed", "maxUncompressed", "maxLayer", "maxLayers"});
  Gates::Size gate;
  read_member(object, "maxCompressed", [&](const json::Value& v) { gate.most_compressed = parse_bytes(v.string()); });
  read_member(object, "maxUncompressed",
              [&](const json::Value& v) { gate.most_uncompressed = parse_bytes(v.string()); });
  read_member(object, "maxLayer", [&](const json::Value& v) { gate.largest_layer = parse_bytes(v.string()); });
  read_member(object, "maxLayers", [&](const json::Value& v) {
    gate.most_layers = v.size();
    // Only an image without layers would be left.
    if (*gate.most_layers < 1) refuse("expected 1 or more, found 0");
  });
  return gate;
}

Gates::Age read_age(const json::Value& value) {
  const json::Object& object = asking(value, {"maxCreated", "allowMissing"});
  Gates::Age gate;
  // Needed: `allowMissing` alone would ask nothing.
  gate.most = within("maxCreated", [&] { return parse_duration(object.at("maxCreated").string()); });
  read_member(object, "allowMissing", [&](const json::Value& truth) { gate.missing_allowed = truth.boolean(); });
  return gate;
}

Gates::Config read_config(const json::Value& value) {
  const json::Object& object =
      asking(value, {"nonRoot", "users", "labels", "forbidEnv", "forbidVolumes", "requireEntrypoint", "maxPort"});
  Gates::Config gate;
  read_member(object, "nonRoot", [&](const json::Value& truth) { gate.non_root = truth.boolean(); });
  read_member(object, "users", [&](const json::Value& list) { gate.users = trust::texts_in(list); });
  read_member(object, "labels", [&](const json::Value& labels) {
    if (labels.object().members().empty()) refuse("it is empty and would ask nothing");
    for (const auto& [name, match] : labels.object().members()) {
      gate.labels.emplace(name, within(printable(name, 120), [&one = match] { return read_match(one); }));
    }
  });
  read_member(object, "forbidEnv", [&](const json::Value& list) { gate.forbidden_environment = patterns_in(list); });
  read_member(object, "forbidVolumes", [&](const json::Value& truth) { gate.volumes_forbidden = truth.boolean(); });
  read_member(object, "requireEntrypoint",
              [&](const json::Value& truth) { gate.entrypoint_required = truth.boolean(); });
  read_member(object, "maxPort", [&](const json::Value& number) {
    gate.highest_port = number.integer();
    // A limit above the highest port would forbid nothing.
    if (*gate.highest_port < 0 || *gate.highest_port > 65'535) {
      refuse("a port is a number from 0 to 65535, found ", *gate.highest_port);
    }
  });
  return gate;
}

}  // namespace

Gates read_gates(const json::Object& object) {
  // Before the unknown members: their author has misspelled nothing, this version does not have them.
  for (const std::string_view later : {"base", "content", "vulnerabilities"}) {
    if (object.find(later) != nullptr) trust::not_supported_yet("gate \"" + std::string(later) + "\"");
  }
  object.allow_only({"type", "id", "reference", "platforms", "mediaTypes", "size", "age", "config"});
  Gates gates;
  read_member(object, "reference", [&](const json::Value& value) { gates.reference = read_reference(value); });
  read_member(object, "platforms", [&](const json::Value& value) { gates.platforms = read_platforms(value); });
  read_member(object, "mediaTypes", [&](const json::Value& value) { gates.media_types = read_media_types(value); });
  read_member(object, "size", [&](const json::Value& value) { gates.size = read_size(value); });
  read_member(object, "age", [&](const json::Value& value) { gates.age = read_age(value); });
  read_member(object, "config", [&](const json::Value& value) { gates.config = read_config(value); });
  // Without any it would pass for every image.
  if (!gates.reference && gates.platforms.empty() && !gates.media_types && !gates.size && !gates.age && !gates.config) {
    refuse("gates need one of reference, platforms, mediaTypes, size, age, config");
  }
  return gates;
}

}  // namespace hallmark::policy
