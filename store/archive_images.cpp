// SPDX-License-Identifier: Apache-2.0
//
// What an archive shows: the images of index.json, those of manifest.json, and whether they are the same.
#include <algorithm>
#include <cctype>

#include "store/archive.h"
#include "store/archive_refusal.h"
#include "store/archive_words.h"
#include "store/tar_names.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

constexpr const char* kOciIndex = "application/vnd.oci.image.index.v1+json";
constexpr const char* kOciManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kOciConfig = "application/vnd.oci.image.config.v1+json";
constexpr const char* kDockerConfig = "application/vnd.docker.container.image.v1+json";
constexpr const char* kFullName = "io.containerd.image.name";
constexpr const char* kRefName = "org.opencontainers.image.ref.name";
constexpr const char* kAbout = "io.containerd.manifest.subject";
constexpr const char* kDigestName = "vnd.hallmark.bundle.name";
constexpr const char* kEvidence = "vnd.hallmark.bundle.evidence";
constexpr const char* kStatement = "vnd.hallmark.bundle.statement";
constexpr std::size_t kMostImages = 10'000;

json::Value parse_json(std::string_view name, ByteView bytes) {
  return refusing_as("E_JSON_SYNTAX", [&] { return json::parse(name, bytes); });
}

/// Every member called "digest", wherever it stands.
void check_digests(const json::Value& value) {
  if (value.is_array()) {
    for (const json::Value& item : value.array()) check_digests(item);
  }
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.object().members()) {
    if (name == "digest" && member.is_string()) {
      refusing_as("E_DIGEST_SYNTAX", [&member = member] { return Digest::parse(member.string()); });
    }
    if (name != "annotations") check_digests(member);
  }
}

Reference parse_name(const std::string& text) {
  const auto refuse = [&](std::string_view why) {
    refuse_archive("E_REF_INVALID", "an image is called ", printable(text, 300), ", which ", why);
  };
  std::optional<Reference> name;
  try {
    name = Reference::parse(text);
  } catch (const Error& error) {
    refuse(std::string("is no name: ") + error.what());
  }
  if (name->digest()) refuse("has a digest");
  if (!name->tag() || name->tag_defaulted()) refuse("has no tag");
  return *name;
}

/// Where an archive of ours has what is needed to judge its images, or says what is in it.
std::optional<Digest> annotated_digest(const json::Object& index, const char* name) {
  const json::Value* annotations = index.find("annotations");
  if (annotations == nullptr || annotations->is_null()) return std::nullopt;
  const json::Value* digest = annotations->object().find(name);
  if (digest == nullptr) return std::nullopt;
  return Digest::parse(digest->string());
}

/// The name that the annotations of an entry give; absent when there is none, or only a tag, which is not whole.
std::optional<Reference> name_of(const Descriptor& entry) {
  if (const auto full = entry.annotations.find(kFullName); full != entry.annotations.end()) {
    return parse_name(full->second);
  }
  if (const auto by_digest = entry.annotations.find(kDigestName); by_digest != entry.annotations.end()) {
    Reference name = refusing_as("E_REF_INVALID", [&] { return Reference::parse(by_digest->second); });
    if (name.tag() || name.digest() != entry.digest) {
      refuse_archive("E_REF_INVALID", "an image is called ", name.familiar(), " and is ", entry.digest.to_string());
    }
    return name;
  }
  const auto short_name = entry.annotations.find(kRefName);
  if (short_name == entry.annotations.end()) return std::nullopt;
  if (Reference::is_tag(short_name->second)) return std::nullopt;
  return parse_name(short_name->second);
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// Docker's readers take "config" for "Config".
void refuse_other_spellings(const json::Object& object) {
  for (const std::string_view known : {"Config", "RepoTags", "Layers", "Parent", "LayerSources"}) {
    for (const auto& [name, value] : object.members()) {
      if (name != known && lowered(name) == lowered(known)) {
        refuse_archive("E_JSON_SYNTAX", "the member \"", printable(name, 40), "\" is another spelling of \"", known,
                       "\"");
      }
    }
  }
}

/// Whether a document that calls itself a manifest or an index is about an image.
bool is_of_image(const json::Object& document) {
  if (document.find("artifactType") != nullptr || document.find("subject") != nullptr) return false;
  const json::Value* config = document.find("config");
  if (config == nullptr || !config->is_object()) return config == nullptr;
  const json::Value* type = config->object().find("mediaType");
  return type != nullptr && type->is_string() && (type->string() == kOciConfig || type->string() == kDockerConfig);
}

std::string write_manifest(const Descriptor& config, const std::vector<Descriptor>& layers) {
  json::Writer writer(0);
  const auto write = [&](const Descriptor& descriptor) {
    writer.begin_object().member("mediaType", descriptor.media_type).member("digest", descriptor.digest.to_string());
    writer.key("size").size(descriptor.size).end_object();
  };
  writer.begin_object().key("schemaVersion").integer(2).member("mediaType", kOciManifest).key("config");
  write(config);
  writer.key("layers").begin_array();
  for (const Descriptor& layer : layers) write(layer);
  writer.end_array().end_object();
  return writer.text();
}

Config config_of(ByteView bytes) {
  return refusing_as("E_JSON_SYNTAX", [&] { return parse_config(bytes); });
}

}  // namespace

struct Archive::Listed {
  Descriptor descriptor;
  std::optional<Reference> name;
};

/// From what was read so far; false when that is not enough, which can only be before all of it is read.
bool Archive::resolve(bool is_whole) {
  images_.clear();
  const bool has_index = document(std::string(kIndexFile)) != nullptr;
  const bool has_docker = document(std::string(kDockerFile)) != nullptr;
  const bool has_layout = document(std::string(kLayoutFile)) != nullptr;
  if (!is_whole && (!has_index || !has_layout)) return false;
  if (has_layout) read_layout();
  if (has_index && !has_layout && !has_docker)
    refuse_archive("E_LAYOUT_MISSING", "index.json stands without oci-layout");
  if (!has_index && !has_docker) {
    if (document(std::string(kRepositoriesFile)) != nullptr) {
      refuse_archive("E_LEGACY",
                     "it is of docker's first format, which has no digests: save it again with a current tool");
    }
    refuse_archive("E_NO_IMAGE", "neither index.json nor manifest.json is in it");
  }
  if (has_index) {
    for (const Listed& entry : listed()) {
      if (!add_listed(entry, is_whole)) return false;
    }
    // Docker's view may come later, and may name what has no name yet.
    const auto is_unnamed = [](const ArchiveImage& image) { return image.names.empty(); };
    if (!is_whole && !has_docker && std::any_of(images_.begin(), images_.end(), is_unnamed)) return false;
  }
  if (has_docker) {
    const std::vector<DockerItem> items = docker_items();
    if (has_index) {
      check_agreement(items, is_whole);
    } else {
      for (const DockerItem& item : items) make_image(item);
    }
  }
  if (images_.empty()) refuse_archive("E_NO_IMAGE", "it lists no image");
  return true;
}

void Archive::read_layout() {
  const json::Value value = parse_json(kLayoutFile, *document(std::string(kLayoutFile)));
  const std::string version =
      refusing_as("E_LAYOUT_VERSION", [&] { return value.object().at("imageLayoutVersion").string(); });
  if (version != "1.0.0") refuse_archive("E_LAYOUT_VERSION", "expected 1.0.0, found ", printable(version, 40));
}

std::vector<Archive::Listed> Archive::listed() {
  const Bytes& bytes = *document(std::string(kIndexFile));
  const json::Value value = parse_json(kIndexFile, bytes);
  check_digests(value);
  evidence_ = refusing_as("E_JSON_SYNTAX", [&] { return annotated_digest(value.object(), kEvidence); });
  statement_ = refusing_as("E_JSON_SYNTAX", [&] { return annotated_digest(value.object(), kStatement); });
  const Document document{{kOciIndex, Digest::of(bytes), bytes.size(), std::nullopt, {}}, bytes};
  const Index index = refusing_as("E_JSON_SYNTAX", [&] { return parse_index(document); });
  std::vector<Listed> entries;
  for (const Descriptor& manifest : index.manifests) entries.push_back({manifest, name_of(manifest)});
  return entries;
}

/// A document that the archive names, whole and of a type that is known.
Document Archive::listed_document(const Descriptor& descriptor) const {
  Bytes bytes = blob(descriptor.digest, descriptor.size, kMostManifestBytes);
  check_digests(parse_json("manifest", bytes));
  std::string type = refusing_as("E_MEDIA_TYPE", [&] { return document_type(descriptor.media_type, bytes); });
  Document document{descriptor, std::move(bytes)};
  document.descriptor.media_type = std::move(type);
  return document;
}

bool Archive::add_listed(const Listed& entry, bool is_whole) {
  if (!entry.name && entry.descriptor.annotations.contains(kAbout)) return true;  // what another tool knows about one
  const bool may_be_image = is_index(entry.descriptor.media_type) || is_manifest(entry.descriptor.media_type);
  if (!may_be_image && !entry.name) return true;  // something else that lies in the layout
  if (!is_whole && !has(entry.descriptor.digest)) return false;
  if (may_be_image) {
    const Bytes bytes = blob(entry.descriptor.digest, entry.descriptor.size, kMostManifestBytes);
    const json::Value value = parse_json("manifest", bytes);
    if (!entry.name && value.is_object() && !is_of_image(value.object())) return true;
  }
  ArchiveImage image{{}, listed_document(entry.descriptor), {}, {}, false};
  if (entry.name) image.names.push_back(*entry.name);
  if (!is_index(image.root.descriptor.media_type)) {
    image.manifests = {image.root};
    image.chosen = {image.root.descriptor};
  } else {
    const Index index = refusing_as("E_MEDIA_TYPE", [&] { return parse_index(image.root); });
    for (const Descriptor& chosen : refusing_as("E_NO_IMAGE", [&] { return index.images(); })) {
      if (!has(chosen.digest)) continue;  // a platform that was left out
      image.manifests.push_back(listed_document(chosen));
      image.chosen.push_back(chosen);
    }
    if (image.chosen.empty() && !is_whole) return false;
    if (image.chosen.empty()) {
      refuse_archive("E_BLOB_MISSING", "no image of the index ", image.root.descriptor.digest.to_string(),
                     " is in the archive");
    }
  }
  for (const Document& manifest : image.manifests) {
    const Manifest parts = refusing_as("E_MEDIA_TYPE", [&] { return parse_manifest(manifest); });
    if (!is_whole && !has(parts.config.digest)) return false;
  }
  add_platforms(image);
  add(std::move(image));
  return true;
}

/// What a manifest alone does not say its config says.
void Archive::add_platforms(ArchiveImage& image) const {
  for (std::size_t i = 0; i < image.manifests.size(); ++i) {
    const Manifest parts = parse_manifest(image.manifests[i]);
    const Config config = config_of(blob(parts.config.digest, parts.config.size, kMostConfigBytes));
    if (parts.layers.size() != config.diff_ids.size()) {
      refuse_archive("E_LAYER_COUNT", image.manifests[i].descriptor.digest.to_string(), " has ", parts.layers.size(),
                     " layers, its config ", config.diff_ids.size(), " DiffIDs");
    }
    if (!is_index(image.root.descriptor.media_type)) image.chosen[i].platform = config.platform;
  }
}

/// One image may be listed under several names; one name may not stand for two images.
void Archive::add(ArchiveImage image) {
  for (const ArchiveImage& other : images_) {
    for (const Reference& name : image.names) {
      const bool has_name = std::find(other.names.begin(), other.names.end(), name) != other.names.end();
      if (has_name && other.root.descriptor.digest != image.root.descriptor.digest) {
        refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " stands for two images");
      }
    }
  }
  const auto same = std::find_if(images_.begin(), images_.end(), [&](const ArchiveImage& other) {
    return other.root.descriptor.digest == image.root.descriptor.digest;
  });
  if (same == images_.end()) {
    images_.push_back(std::move(image));
    return;
  }
  for (const Reference& name : image.names) {
    if (std::find(same->names.begin(), same->names.end(), name) == same->names.end()) same->names.push_back(name);
  }
}

std::vector<Archive::DockerItem> Archive::docker_items() const {
  const json::Value value = parse_json(kDockerFile, *document(std::string(kDockerFile)));
  return refusing_as("E_JSON_SYNTAX", [&] {
    std::vector<DockerItem> items;
    for (const json::Value& listed : value.array()) {
      const json::Object& object = listed.object();
      refuse_other_spellings(object);
      DockerItem item{clean_entry_name(object.at("Config").string()), {}, {}};
      const json::Value* tags = object.find("RepoTags");
      if (tags != nullptr && !tags->is_null()) {
        for (const json::Value& tag : tags->array()) item.names.push_back(parse_name(tag.string()));
      }
      const json::Value* layers = object.find("Layers");
      if (layers != nullptr && !layers->is_null()) {
        for (const json::Value& layer : layers->array()) item.layers.push_back(clean_entry_name(layer.string()));
      }
      if (item.layers.size() > kMostLayers) refuse_archive("E_JSON_LIMIT", item.layers.size(), " layers");
      items.push_back(std::move(item));
      if (items.size() > kMostImages) refuse_archive("E_JSON_LIMIT", "it lists more than ", kMostImages);
    }
    return items;
  });
}

const Passed& Archive::docker_config(const std::string& path) const {
  if (entries_->followed(path) != path)
    refuse_archive("E_LINK_TARGET", printable(path, 200), " is a link, expected a file");
  const Passed* passed = find(path);
  if (passed == nullptr) refuse_archive("E_BLOB_MISSING", printable(path, 200), " is not in the archive");
  const auto promised = digest_promised_by(path);
  if (promised && Digest::of(staging_.bytes_of(*passed, kMostConfigBytes), promised->algorithm()) != *promised) {
    refuse_archive("E_CONFIG_DIGEST", "the config ", printable(path, 200), " is ", passed->digest.to_string());
  }
  return *passed;
}

/// Of a layer in docker's view; absent when it is not in the archive.
std::optional<Digest> Archive::digest_at(const std::string& path) const {
  if (const auto named = digest_of_path(path)) return named;
  const Passed* passed = find(entries_->followed(path));
  return passed == nullptr ? std::nullopt : std::optional(passed->digest);
}

/// Whether an image of index.json is the one that docker would load. Its layers may be listed as they are or inflated.
bool Archive::shows(const ArchiveImage& image, const DockerItem& item, bool is_whole) const {
  const Digest config = docker_config(item.config).digest;
  return std::any_of(image.manifests.begin(), image.manifests.end(), [&](const Document& manifest) {
    const Manifest parts = parse_manifest(manifest);
    if (parts.config.digest != config || parts.layers.size() != item.layers.size()) return false;
    const std::vector<Digest> diff_ids = config_of(blob(config, parts.config.size, kMostConfigBytes)).diff_ids;
    for (std::size_t i = 0; is_whole && i < item.layers.size(); ++i) {
      const auto digest = digest_at(item.layers[i]);
      if (!digest) refuse_archive("E_BLOB_MISSING", printable(item.layers[i], 200), " is not in the archive");
      if (*digest != parts.layers[i].digest && *digest != diff_ids[i]) return false;
    }
    return true;
  });
}

void Archive::check_agreement(const std::vector<DockerItem>& items, bool is_whole) {
  std::vector<const ArchiveImage*> shown;
  for (const DockerItem& item : items) {
    std::vector<ArchiveImage*> same;
    for (ArchiveImage& image : images_) {
      if (shows(image, item, is_whole)) same.push_back(&image);
    }
    if (same.empty()) {
      refuse_archive("E_VIEWS_DISAGREE", "manifest.json has an image that index.json has not: ",
                     item.names.empty() ? printable(item.config, 200) : item.names.front().familiar());
    }
    shown.insert(shown.end(), same.begin(), same.end());
    for (const Reference& name : item.names) {
      const auto has_name = [&](const ArchiveImage* image) {
        return std::find(image->names.begin(), image->names.end(), name) != image->names.end();
      };
      if (std::any_of(same.begin(), same.end(), has_name)) continue;
      if (std::any_of(images_.begin(), images_.end(), [&](const ArchiveImage& image) { return has_name(&image); })) {
        refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " is one image in manifest.json and another in index.json");
      }
      same.front()->names.push_back(name);
    }
  }
  for (const ArchiveImage& image : images_) {
    // Docker's view has no images without a tag.
    const bool is_tagged =
        std::any_of(image.names.begin(), image.names.end(), [](const Reference& name) { return !name.digest(); });
    if (is_tagged && std::find(shown.begin(), shown.end(), &image) == shown.end()) {
      refuse_archive("E_VIEWS_DISAGREE", image.names.front().familiar(), " is in index.json and not in manifest.json");
    }
  }
}

/// A docker archive has no manifest: one is made of what it has. Layers and config stay what they are.
void Archive::make_image(const DockerItem& item) {
  const Bytes bytes = staging_.bytes_of(docker_config(item.config), kMostConfigBytes);
  const Config config = config_of(bytes);
  if (config.diff_ids.size() != item.layers.size()) {
    refuse_archive("E_LAYER_COUNT", printable(item.config, 200), " has ", config.diff_ids.size(),
                   " DiffIDs, manifest.json ", item.layers.size(), " layers");
  }
  std::vector<Descriptor> layers;
  for (std::size_t i = 0; i < item.layers.size(); ++i) {
    const Passed* passed = find(entries_->followed(item.layers[i]));
    if (passed == nullptr) refuse_archive("E_BLOB_MISSING", printable(item.layers[i], 200), " is not in the archive");
    layers.push_back(staging_.adopt_undescribed(config.diff_ids[i], *passed));
  }
  const Document config_document{{kOciConfig, Digest::of(bytes), bytes.size(), std::nullopt, {}}, bytes};
  DocumentSource source(config_document);
  staging_.take_config(config_document.descriptor, source);
  Bytes manifest = bytes_of(write_manifest(config_document.descriptor, layers));
  const Descriptor descriptor{kOciManifest, Digest::of(manifest), manifest.size(), std::nullopt, {}};
  ArchiveImage image{item.names, {descriptor, std::move(manifest)}, {}, {descriptor}, true};
  staging_.take(image.root);
  image.chosen.front().platform = config.platform;
  image.manifests = {image.root};
  add(std::move(image));
}

}  // namespace hallmark::store
