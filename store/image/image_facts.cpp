// SPDX-License-Identifier: Apache-2.0
#include "store/image/image_facts.h"

#include "store/image/members.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// Of all of one image, whose facts are kept.
constexpr std::uint64_t kMostImageConfigs = std::uint64_t{16} << 20U;

using Texts = std::map<std::string, std::string>;

/// A value that is no text is Fault::corrupt: a rule about a label must not be passed by a number.
Texts texts_in(const json::Object& object, std::string_view name) {
  Texts texts;
  const json::Value* found = optional_member(object, name);
  if (found == nullptr) return texts;
  within(name, [&] {
    for (const auto& [key, value] : found->object().members()) texts.emplace(key, value.string());
  });
  return texts;
}

std::vector<std::string> names_in(const json::Object& object, std::string_view name) {
  std::vector<std::string> names;
  const json::Value* found = optional_member(object, name);
  if (found == nullptr) return names;
  within(name, [&] {
    for (const auto& member : found->object().members()) names.push_back(member.first);
  });
  return names;
}

std::vector<std::string> list_in(const json::Object& object, std::string_view name) {
  std::vector<std::string> list;
  const json::Value* found = optional_member(object, name);
  if (found == nullptr) return list;
  within(name, [&] {
    for (const json::Value& item : found->array()) list.push_back(item.string());
  });
  return list;
}

}  // namespace

bool is_artifact(const Document& manifest) {
  if (!is_manifest(manifest.descriptor.media_type)) return false;
  const json::Value value = json::parse("manifest", manifest.bytes);
  const json::Value* config = optional_member(value.object(), "config");
  if (config == nullptr || !config->is_object()) return false;
  return !is_config_of_image(string_or_empty(config->object(), "mediaType"), manifest.descriptor.media_type);
}

ImageFacts facts_of_manifest(const Document& manifest) {
  const Manifest parts = parse_manifest(manifest);
  ImageFacts facts{manifest.descriptor.digest, manifest.descriptor.media_type, parts.config.media_type, {}, {}, {}};
  for (const Descriptor& layer : parts.layers) facts.layers.push_back({layer.media_type, layer.size});
  const json::Value value = json::parse("manifest", manifest.bytes);
  refuse_other_spellings(value.object(), {"annotations"});
  facts.annotations = texts_in(value.object(), "annotations");
  return facts;
}

ConfigFacts facts_of_config(ByteView config, const std::optional<Platform>& promised) {
  const Config parts = parse_config(config);
  ConfigFacts facts;
  facts.created = parts.created;
  Platform platform = parts.platform;
  // Docker takes an image that says no system for one of Linux.
  if (platform.os.empty() && !platform.architecture.empty()) platform.os = "linux";
  // Builders are at odds about the variant: some write it into the index alone.
  if (platform.variant.empty() && promised) platform.variant = promised->variant;
  facts.platform = platform.normalised().to_string();

  const json::Value value = json::parse("config", config);
  refuse_other_spellings(value.object(), {"config"});
  const json::Value* found = optional_member(value.object(), "config");
  if (found == nullptr) return facts;
  return within("config", [&] {
    const json::Object& run = found->object();
    // Engines read these without regard to case: what only they would see must not go past the policy.
    refuse_other_spellings(run, {"User", "Labels", "Env", "Volumes", "ExposedPorts", "Entrypoint"});
    facts.user = string_or_empty(run, "User");
    facts.labels = texts_in(run, "Labels");
    facts.environment = list_in(run, "Env");
    facts.volumes = names_in(run, "Volumes");
    facts.ports = names_in(run, "ExposedPorts");
    facts.has_entrypoint = !list_in(run, "Entrypoint").empty();
    return facts;
  });
}

std::vector<ImageFacts> facts_of(const std::vector<Document>& manifests) {
  std::vector<ImageFacts> facts;
  facts.reserve(manifests.size());
  for (const Document& manifest : manifests) facts.push_back(facts_of_manifest(manifest));
  return facts;
}

void add_configs(const std::vector<Document>& manifests, const std::vector<Descriptor>& chosen,
                 const std::function<Bytes(const Descriptor&)>& read, std::vector<ImageFacts>& facts) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    const Descriptor descriptor = parse_manifest(manifests[i]).config;
    // By the claim, before it is read: whoever reads is held to the claim.
    bytes += descriptor.size;
    if (bytes > kMostImageConfigs) {
      fail(Fault::corrupt, "the configs of the image have more than ", kMostImageConfigs, " bytes");
    }
    const Bytes config = read(descriptor);
    within("manifest " + manifests[i].descriptor.digest.to_string(),
           [&] { facts.at(i).config = facts_of_config(config, chosen.at(i).platform); });
  }
}

}  // namespace hallmark::store
