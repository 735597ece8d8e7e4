// SPDX-License-Identifier: Apache-2.0
#include "store/image/image.h"

#include <algorithm>
#include <array>

#include "store/image/media_types.h"
#include "store/image/members.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::store {
namespace {

struct LayerType {
  std::string_view media_type;
  Compression compression;
};

constexpr std::array kLayerTypes{
    LayerType{kOciLayer, Compression::none},        LayerType{kOciLayerGzip, Compression::gzip},
    LayerType{kOciLayerZstd, Compression::zstd},    LayerType{kDockerLayer, Compression::none},
    LayerType{kDockerLayerGzip, Compression::gzip}, LayerType{kDockerLayerZstd, Compression::zstd},
};

/// What registries of 2016 made of the type of a config: docker takes each of them for an image.
constexpr std::array<std::string_view, 4> kOldConfigTypes{"", "application/octet-stream", "application/json",
                                                          "text/html"};

Platform parse_platform(const json::Object& object) {
  refuse_other_spellings(object, {"os", "architecture", "variant"});
  return Platform{string_or_empty(object, "os"), string_or_empty(object, "architecture"),
                  string_or_empty(object, "variant")};
}

/// image-spec, descriptor.md, "data": embedded bytes must be what the digest and the size say.
void check_data(const Descriptor& descriptor, const json::Object& object) {
  const json::Value* data = optional_member(object, "data");
  if (data == nullptr) return;
  // Some readers take the embedded bytes and fetch nothing: they must not find another document than the others.
  const Bytes bytes = within("data", [&] { return parse_base64(data->string()); });
  if (bytes.size() != descriptor.size) {
    fail(Fault::corrupt, "embedded data has ", bytes.size(), " bytes, expected ", descriptor.size);
  }
  const Digest found = Digest::of(bytes, descriptor.digest.algorithm());
  if (found != descriptor.digest) {
    fail(Fault::corrupt, "embedded data is ", found.to_string(), ", expected ", descriptor.digest.to_string());
  }
}

/// A config's type may be absent where docker takes that.
std::string media_type_of(const json::Object& object, bool may_be_absent) {
  return may_be_absent ? string_or_empty(object, "mediaType") : object.at("mediaType").string();
}

Descriptor parse_descriptor(const json::Value& value, std::uint64_t most_bytes, bool may_lack_type = false) {
  const json::Object& object = value.object();
  refuse_other_spellings(object, {"mediaType", "digest", "size", "platform", "annotations", "data", "urls"});
  // image-spec, descriptor.md: these three are required. Without a size nobody could say where too much begins.
  Descriptor descriptor{media_type_of(object, may_lack_type),
                        Digest::parse(object.at("digest").string()),
                        within("size", [&] { return object.at("size").size(); }),
                        std::nullopt,
                        {}};
  // The claim is limited before a byte is fetched: whoever fetches stops at the claim.
  if (descriptor.size > most_bytes) {
    fail(Fault::corrupt, descriptor.digest.to_string(), ": size ", descriptor.size, ", at most ", most_bytes,
         " bytes are allowed");
  }
  if (const json::Value* platform = optional_member(object, "platform")) {
    descriptor.platform = within("platform", [&] { return parse_platform(platform->object()); });
  }
  if (const json::Value* annotations = optional_member(object, "annotations")) {
    for (const auto& [name, text] : annotations->object().members()) {
      descriptor.annotations.emplace(name, within("annotations", [&text = text] { return text.string(); }));
    }
  }
  check_data(descriptor, object);
  return descriptor;
}

/// Docker's first manifests have no config and no DiffIDs: nobody could say what their layers inflate to.
[[noreturn]] void refuse_schema_1() {
  throw Error(Fault::corrupt, "schema 1 images cannot be verified", "push the image again with a current tool");
}

/// What servers send that do not know better. Then the document's own mediaType decides.
bool is_vague(std::string_view media_type) {
  return media_type.empty() || media_type == "application/json" || media_type == "text/plain" ||
         media_type == "application/octet-stream";
}

/// Which kind the document is by its members, its type being known.
void check_members(const json::Object& document, std::string_view type) {
  refuse_other_spellings(document, {"schemaVersion", "mediaType", "manifests", "config", "layers"});
  const bool lists_manifests = document.find("manifests") != nullptr;
  const bool is_one_image = document.find("layers") != nullptr || document.find("config") != nullptr;
  // CVE-2021-41190: a document that is an index to one reader and an image to another.
  if (lists_manifests && is_one_image) fail(Fault::corrupt, "the document is both an index and an image");
  if (is_index(type) ? is_one_image : lists_manifests) {
    fail(Fault::corrupt, "the document is called ", type, " but is ", is_one_image ? "an image" : "an index");
  }
}

json::Value parse_document(const Document& document) {
  const std::string type = document_type(document.descriptor.media_type, document.bytes);
  // The descriptor's type is the word of an index or of a server: the document must agree before it is read as that.
  if (type != document.descriptor.media_type) {
    fail(Fault::corrupt, "expected ", printable(document.descriptor.media_type, 100), ", found ", type);
  }
  return json::parse("manifest", document.bytes);
}

}  // namespace

bool is_index(std::string_view media_type) { return media_type == kOciIndex || media_type == kDockerIndex; }
bool is_manifest(std::string_view media_type) { return media_type == kOciManifest || media_type == kDockerManifest; }
bool is_config_of_image(std::string_view config_type, std::string_view manifest_type) {
  if (config_type == kOciConfig || config_type == kDockerConfig) return true;
  const auto* const old = std::find(kOldConfigTypes.begin(), kOldConfigTypes.end(), config_type);
  return manifest_type == kDockerManifest && old != kOldConfigTypes.end();
}

Compression compression_of(std::string_view layer_type) {
  for (const LayerType& known : kLayerTypes) {
    if (known.media_type == layer_type) return known.compression;
  }
  const std::string shown = printable(layer_type, 120);
  // Told apart so that a person knows what to do. Nobody here could hash what these inflate to.
  if (layer_type.find("+encrypted") != std::string_view::npos) {
    fail(Fault::corrupt, "encrypted layers cannot be verified: ", shown);
  }
  if (layer_type.find(".foreign.") != std::string_view::npos ||
      layer_type.find(".nondistributable.") != std::string_view::npos) {
    fail(Fault::corrupt, "layers that are kept elsewhere are not fetched: ", shown);
  }
  fail(Fault::corrupt, "layers of this type cannot be verified: ", shown);
}

std::string document_type(std::string_view claimed_type, ByteView bytes) {
  // RFC 9110, 8.3.1: parameters follow a semicolon, and case does not matter.
  std::string_view claimed = claimed_type.substr(0, claimed_type.find(';'));
  while (claimed.ends_with(' ') || claimed.ends_with('\t')) claimed.remove_suffix(1);
  const std::string plain = lowered(claimed);
  if (plain.starts_with(kDockerSchema1Prefix)) refuse_schema_1();
  if (!is_vague(plain) && !is_index(plain) && !is_manifest(plain)) {
    fail(Fault::corrupt, "not an image: its type is ", printable(claimed_type, 120));
  }
  if (bytes.size() > kMostManifestBytes) {
    fail(Fault::corrupt, "the manifest has ", bytes.size(), " bytes, at most ", kMostManifestBytes, " are allowed");
  }
  const json::Value value = json::parse("manifest", bytes);
  const json::Object& document = value.object();
  const json::Value* version = document.find("schemaVersion");
  if (version != nullptr && version->integer() == 1) refuse_schema_1();
  if (version == nullptr || version->integer() != 2) fail(Fault::corrupt, "the manifest is not of schemaVersion 2");

  const std::string own = string_or_empty(document, "mediaType");
  if (!own.empty() && !is_index(own) && !is_manifest(own)) {
    fail(Fault::corrupt, "not an image: its type is ", printable(own, 120));
  }
  // To guess by the members is what lets one document be two things.
  if (is_vague(plain) && own.empty()) fail(Fault::corrupt, "the document does not say of which type it is");
  // Whoever goes by the server's type and whoever goes by the document's must read the same kind.
  if (!is_vague(plain) && !own.empty() && own != plain) {
    fail(Fault::corrupt, "the document is called ", plain, " but calls itself ", own);
  }
  std::string type = own.empty() ? plain : own;
  check_members(document, type);
  return type;
}

Manifest parse_manifest(const Document& document) {
  const json::Value value = parse_document(document);
  if (!is_manifest(document.descriptor.media_type)) fail(Fault::corrupt, "expected an image manifest, found an index");
  const json::Object& object = value.object();
  const bool is_docker = document.descriptor.media_type == kDockerManifest;
  Manifest manifest{
      within("config", [&] { return parse_descriptor(object.at("config"), kMostConfigBytes, is_docker); }), {}};
  const std::string& type = manifest.config.media_type;
  // An artifact has a config of its own type: it is no image, and nothing in it could be judged as one.
  if (!is_config_of_image(type, document.descriptor.media_type)) {
    fail(Fault::corrupt, "not an image: its config is of type ", printable(type, 120));
  }
  const json::Value& layers = object.at("layers");
  // Go writes an empty list as null.
  if (layers.is_null()) return manifest;
  const json::Array& list = within("layers", [&]() -> const json::Array& { return layers.array(); });
  if (list.size() > kMostLayers) fail(Fault::corrupt, list.size(), " layers, at most ", kMostLayers, " are allowed");
  for (const json::Value& layer : list) {
    within("layer " + std::to_string(manifest.layers.size() + 1), [&] {
      manifest.layers.push_back(parse_descriptor(layer, kMostLayerBytes));
      // For what it refuses: a layer that cannot be verified ends it before anything is fetched.
      compression_of(manifest.layers.back().media_type);
    });
  }
  return manifest;
}

Index parse_index(const Document& document) {
  const json::Value value = parse_document(document);
  if (!is_index(document.descriptor.media_type)) fail(Fault::corrupt, "expected an index, found an image manifest");
  const json::Value& manifests = value.object().at("manifests");
  Index index;
  if (manifests.is_null()) return index;
  const json::Array& list = within("manifests", [&]() -> const json::Array& { return manifests.array(); });
  if (list.size() > kMostManifests) {
    fail(Fault::corrupt, list.size(), " manifests, at most ", kMostManifests, " are allowed");
  }
  for (const json::Value& manifest : list) {
    within("manifest " + std::to_string(index.manifests.size() + 1),
           [&] { index.manifests.push_back(parse_descriptor(manifest, kMostManifestBytes)); });
  }
  return index;
}

Config parse_config(ByteView bytes) {
  const json::Value value = json::parse("config", bytes);
  return within("config", [&] {
    const json::Object& object = value.object();
    refuse_other_spellings(object, {"created", "os", "architecture", "variant", "rootfs"});
    Config config{std::nullopt, parse_platform(object), {}};
    if (const json::Value* created = optional_member(object, "created")) {
      config.created = within("created", [&] { return parse_time(created->string()); });
    }
    const json::Object& rootfs = object.at("rootfs").object();
    refuse_other_spellings(rootfs, {"type", "diff_ids"});
    // image-spec, config.md, "rootfs": there is no other type.
    if (rootfs.at("type").string() != "layers") {
      fail(Fault::corrupt, "rootfs type is \"", printable(rootfs.at("type").string(), 40), "\", expected \"layers\"");
    }
    const json::Value* diff_ids = optional_member(rootfs, "diff_ids");
    if (diff_ids == nullptr) return config;
    if (diff_ids->array().size() > kMostLayers) {
      fail(Fault::corrupt, diff_ids->array().size(), " DiffIDs, at most ", kMostLayers, " are allowed");
    }
    for (const json::Value& diff_id : diff_ids->array()) config.diff_ids.push_back(Digest::parse(diff_id.string()));
    return config;
  });
}

}  // namespace hallmark::store
