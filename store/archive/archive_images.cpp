// SPDX-License-Identifier: Apache-2.0
//
// What an archive shows: the images of index.json, those of manifest.json, and whether they are the same.
#include <algorithm>
#include <utility>

#include "store/archive/archive.h"
#include "store/archive/archive_reading.h"
#include "store/archive/archive_words.h"
#include "store/image/image_facts.h"
#include "store/image/media_types.h"
#include "store/image/members.h"
#include "store/stream/archive_refusal.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

constexpr const char* kEvidence = "vnd.hallmark.bundle.evidence";
constexpr const char* kStatement = "vnd.hallmark.bundle.statement";
/// Manifests and configs, each as often as an image has it: so much stays in memory.
constexpr std::uint64_t kMostDocumentBytes = std::uint64_t{16} << 20U;
/// The same, each as often as a name has it: so much is judged.
constexpr std::uint64_t kMostNamedBytes = std::uint64_t{32} << 20U;

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

/// Where an archive of ours has what is needed to judge its images, or says what is in it.
std::optional<Digest> annotated_digest(const json::Object& index, const char* name) {
  const json::Value* annotations = index.find("annotations");
  if (annotations == nullptr || annotations->is_null()) return std::nullopt;
  const json::Value* digest = annotations->object().find(name);
  if (digest == nullptr) return std::nullopt;
  return Digest::parse(digest->string());
}

/// Signatures and SBOMs have one of these; whether that counts is up to is_no_image().
bool is_about_another(const json::Object& document) {
  return document.find("artifactType") != nullptr || document.find("subject") != nullptr;
}

/// Of a document that calls itself a manifest or an index. An index has no config.
bool has_config_of_image(const json::Object& document) {
  const json::Value* config = document.find("config");
  // None at all: an index. What is no object is no config of an image.
  if (config == nullptr || !config->is_object()) return config == nullptr;
  const json::Value* type = config->object().find("mediaType");
  const json::Value* own = document.find("mediaType");
  const std::string manifest_type = own != nullptr && own->is_string() ? own->string() : std::string(kOciManifest);
  return is_config_of_image(type != nullptr && type->is_string() ? type->string() : std::string(), manifest_type);
}

}  // namespace

/// From what was read so far; false when that is not enough, which can only be before all of it is read.
bool Archive::resolve(bool is_whole) {
  forget_images();
  if (!has_views(is_whole)) return false;
  // index.json first: its names are those that manifest.json is held against.
  if (document(std::string(kIndexFile)) != nullptr && !add_all_listed(is_whole)) return false;
  // Only of a whole archive can it be said what is not in it.
  if (is_whole) require_absent();
  if (document(std::string(kDockerFile)) != nullptr) read_docker_view(is_whole);
  if (images_.empty()) refuse_archive("E_NO_IMAGE", "it lists no image");
  weigh_names();
  return true;
}

/// What an earlier look found, when less of the archive was read.
void Archive::forget_images() {
  images_.clear();
  places_.clear();
  tags_.clear();
  owners_.clear();
  weight_ = 0;
  left_out_.clear();
}

/// Whether the documents that list images are there, one view or both.
bool Archive::has_views(bool is_whole) {
  const bool has_index = document(std::string(kIndexFile)) != nullptr;
  const bool has_docker = document(std::string(kDockerFile)) != nullptr;
  const bool has_layout = document(std::string(kLayoutFile)) != nullptr;
  // Docker's list alone is judged at the end: its images have to be made of their layers.
  if (!is_whole && !has_index) return wait_for(std::string(kIndexFile));
  if (!is_whole && !has_layout) return wait_for(std::string(kLayoutFile));
  // Held to its version wherever it stands, also beside docker's list.
  if (has_layout) read_layout();
  if (is_whole && !has_docker) refuse_first_format();
  if (has_index && !has_layout && !has_docker)
    refuse_archive("E_LAYOUT_MISSING", "index.json stands without oci-layout");
  if (!has_index && !has_docker) refuse_archive("E_NO_IMAGE", "neither index.json nor manifest.json is in it");
  return true;
}

/// Nobody has said what the digest of an image is that has no manifest, and docker refuses a name without a tag.
void Archive::require_tags_of(const DockerItem& item) {
  for (const Reference& name : item.names) {
    if (name.digest()) refuse_archive("E_REF_INVALID", "an image is called ", name.familiar(), ", which has a digest");
    if (name.tag_defaulted()) {
      refuse_archive("E_REF_INVALID", "an image is called ", name.familiar_repository(), ", which has no tag");
    }
  }
}

/// Beside index.json it must show the same; alone it says what the images are.
void Archive::read_docker_view(bool is_whole) {
  // Once: the document is whole when it is there, whatever else may still come.
  if (!items_) items_ = docker_items();
  if (is_whole) check_repositories();
  if (document(std::string(kIndexFile)) != nullptr) {
    check_agreement(is_whole);
  } else {
    for (const DockerItem& item : *items_) require_tags_of(item);
    for (const DockerItem& item : *items_) make_image(item);
  }
}

bool Archive::add_all_listed(bool is_whole) {
  if (!listed_) listed_ = listed();
  for (const Listed& entry : *listed_) {
    if (!add_listed(entry, is_whole)) return false;
  }
  // Docker's view may come later, and may name what has no name yet.
  const auto is_unnamed = [](const ArchiveImage& image) { return image.names.empty(); };
  const bool has_docker = document(std::string(kDockerFile)) != nullptr;
  if (is_whole || has_docker || std::none_of(images_.begin(), images_.end(), is_unnamed)) return true;
  return wait_for(std::string(kDockerFile));
}

/// What is read for each image that has it. Without a limit few bytes could ask for work without end.
void Archive::weigh(std::uint64_t bytes) {
  weight_ += bytes;
  if (weight_ <= kMostDocumentBytes) return;
  refuse_archive("E_JSON_LIMIT", "the manifests and configs of its images have more than ", kMostDocumentBytes,
                 " bytes, each counted once an image");
}

void Archive::weigh_names() const {
  std::uint64_t weight = 0;
  for (const ArchiveImage& image : images_) {
    std::uint64_t bytes = image.root.bytes.size();
    for (const Document& manifest : image.manifests) {
      bytes += manifest.descriptor.size + parts_.at(manifest.descriptor.digest).config.size;
    }
    weight += bytes * std::max<std::size_t>(image.names.size(), 1);
  }
  if (weight > kMostNamedBytes) {
    refuse_archive("E_JSON_LIMIT", "the manifests and configs of its images have more than ", kMostNamedBytes,
                   " bytes, each counted once a name");
  }
}

void Archive::read_layout() {
  const json::Value value = parse_json(kLayoutFile, *document(std::string(kLayoutFile)));
  const std::string version = refusing_as("E_LAYOUT_VERSION", [&] {
    refuse_other_spellings(value.object(), {"imageLayoutVersion"});
    return value.object().at("imageLayoutVersion").string();
  });
  if (version != "1.0.0") refuse_archive("E_LAYOUT_VERSION", "expected 1.0.0, found ", printable(version, 40));
}

std::vector<Listed> Archive::listed() {
  const Bytes& bytes = *document(std::string(kIndexFile));
  const json::Value value = parse_json(kIndexFile, bytes);
  // Before anything is made of it: a digest in an odd form is refused with a word of its own.
  check_digests(value);
  evidence_ = refusing_as("E_JSON_SYNTAX", [&] { return annotated_digest(value.object(), kEvidence); });
  statement_ = refusing_as("E_JSON_SYNTAX", [&] { return annotated_digest(value.object(), kStatement); });
  // Nobody has signed this document: in a bundle it may say what docs/bundle.md has, and no more.
  if (statement_) check_bundle_index(value.object());
  const Document document{{std::string(kOciIndex), Digest::of(bytes), bytes.size(), std::nullopt, {}}, bytes};
  const Index index = refusing_as("E_JSON_SYNTAX", [&] { return parse_index(document); });
  std::vector<Listed> entries;
  for (const Descriptor& manifest : index.manifests) entries.push_back(listed_as(manifest));
  check_tags(entries);
  return entries;
}

/// A document that the archive names, whole and of a type that is known.
Document Archive::listed_document(const Descriptor& descriptor) {
  // Also where the bytes have been read before: it is the asking that costs.
  weigh(descriptor.size);
  Bytes bytes = blob(descriptor.digest, descriptor.size, kMostManifestBytes);
  // Once for each thing that it is called: a document under two types is looked at as both.
  std::string& type = types_[{descriptor.digest, descriptor.media_type}];
  if (type.empty()) {
    check_digests(parse_json("manifest", bytes));
    type = refusing_as("E_MEDIA_TYPE", [&] { return document_type(descriptor.media_type, bytes); });
  }
  Document document{descriptor, std::move(bytes)};
  document.descriptor.media_type = type;
  return document;
}

/// Of an entry that has no whole name and calls itself a manifest: whether it is about something else. What has the
/// config of an image and is called something, or could be run, is an image, whatever else it says of itself.
bool Archive::is_no_image(const Listed& entry) {
  const json::Value value = listed_value(entry.descriptor);
  if (!value.is_object()) return false;
  // Another config makes it an artifact, which no loader runs.
  if (!has_config_of_image(value.object())) return true;
  const bool is_about = entry.descriptor.annotations.contains(kAbout) || is_about_another(value.object());
  return is_about && !entry.is_called() && !is_runnable(entry.descriptor);
}

json::Value Archive::listed_value(const Descriptor& descriptor) {
  weigh(descriptor.size);
  return parse_json("manifest", blob(descriptor.digest, descriptor.size, kMostManifestBytes));
}

/// Whether it is a manifest with the config and the layers of an image, or an index of one that is here.
bool Archive::is_runnable(const Descriptor& descriptor) {
  const Document document{descriptor, blob(descriptor.digest, descriptor.size, kMostManifestBytes)};
  try {
    if (is_manifest(descriptor.media_type)) return !parse_manifest(document).layers.empty();
    const Index index = parse_index(document);
    // Of an index one is enough, and only what is here could be run from this archive.
    return std::any_of(index.manifests.begin(), index.manifests.end(), [&](const Descriptor& one) {
      if (!is_manifest(one.media_type) || !has(one.digest)) return false;
      weigh(one.size);
      return is_runnable(one);
    });
  } catch (const Error& error) {
    // A refusal with a word is that of the archive, and stands.
    if (error.fault() != Fault::corrupt || !error.code().empty()) throw;
    return false;  // what cannot be read as an image is none
  }
}

/// Of an index those that are in the archive.
void Archive::choose_manifests(ArchiveImage& image) {
  if (!is_index(image.root.descriptor.media_type)) {
    image.manifests.push_back({image.root.descriptor, std::exchange(image.root.bytes, {})});
    image.chosen = {image.root.descriptor};
    return;
  }
  const Index index = refusing_as("E_MEDIA_TYPE", [&] { return parse_index(image.root); });
  const std::vector<Descriptor> images = index.images();
  if (images.empty()) {
    refuse_archive("E_NO_IMAGE", "the index ", image.root.descriptor.digest.to_string(), " lists no image");
  }
  for (const Descriptor& chosen : images) {
    if (!has(chosen.digest)) {  // a platform that was left out
      left_out_.insert(chosen.digest);
      continue;
    }
    Document document = listed_document(chosen);
    if (refusing_as("E_MEDIA_TYPE", [&] { return is_artifact(document); })) continue;
    image.manifests.push_back(std::move(document));
    image.chosen.push_back(chosen);
  }
  // An index that lists more than was looked at is not let in as a whole.
  image.is_whole = index.has_no_more_than(image.chosen);
}

/// Not the variant: writers of good images are at odds about it.
void Archive::check_platform(const Descriptor& entry, const Platform& found) {
  if (!entry.platform) return;
  if (!entry.platform->contradicts(found)) return;
  refuse_archive("E_VIEWS_DISAGREE", "index.json says that ", entry.digest.to_string(), " is for ",
                 printable(entry.platform->normalised().to_string(), 80), ", its config ",
                 printable(found.normalised().to_string(), 80));
}

bool Archive::add_listed(const Listed& entry, bool is_whole) {
  const bool may_be_image = is_index(entry.descriptor.media_type) || is_manifest(entry.descriptor.media_type);
  if (!may_be_image && !entry.is_called()) return true;  // something else that lies in the layout
  if (!has(entry.descriptor.digest)) {
    if (!is_whole) return wait_for(path_of_blob(entry.descriptor.digest));
    // What another tool knows about an image need not be here.
    if (!entry.is_called() && entry.descriptor.annotations.contains(kAbout)) return true;
  }
  // With a whole name it is an image, whatever else it says: loaders would tag it.
  if (!entry.name && is_no_image(entry)) return true;
  return add_image(entry, is_whole);
}

bool Archive::add_image(const Listed& entry, bool is_whole) {
  ArchiveImage image{{}, listed_document(entry.descriptor), {}, {}, false};
  // The statement covers documents and not index.json: what that calls them must be what they are.
  if (statement_ && image.root.descriptor.media_type != entry.descriptor.media_type) {
    refuse_archive("E_VIEWS_DISAGREE", "index.json of a bundle calls ", entry.descriptor.digest.to_string(), " ",
                   printable(entry.descriptor.media_type, 100), ", expected ", image.root.descriptor.media_type);
  }
  if (entry.name) image.names.push_back(*entry.name);
  choose_manifests(image);
  if (image.chosen.empty() && !is_whole) return false;
  if (image.chosen.empty()) {
    refuse_archive("E_BLOB_MISSING", "no image of the index ", image.root.descriptor.digest.to_string(),
                   " is in the archive");
  }
  for (const Document& manifest : image.manifests) {
    if (!read_parts(manifest, is_whole)) return false;
  }
  if (!is_index(image.root.descriptor.media_type)) {
    // What a manifest alone does not say its config says.
    const Platform& platform = parts_.at(image.manifests.front().descriptor.digest).platform;
    check_platform(entry.descriptor, platform);
    image.chosen.front().platform = platform;
  }
  if (entry.tag) tags_[entry.descriptor.digest].insert(*entry.tag);
  add(std::move(image));
  return true;
}

/// Some readers find a blob by its content, whatever it is called: what was left out must not be there by another name.
void Archive::require_absent() const {
  if (left_out_.empty()) return;
  for (const auto& [path, spooled] : spooled_) {
    if (!left_out_.contains(spooled.digest)) continue;
    refuse_archive("E_VIEWS_DISAGREE", "a platform of an index, ", spooled.digest.to_string(), ", is in it only as ",
                   printable(path, 200));
  }
}

/// A manifest and its config are read once, whoever lists them.
bool Archive::read_parts(const Document& document, bool is_whole) {
  const Digest& digest = document.descriptor.digest;
  if (parts_.contains(digest)) return true;
  const Manifest manifest = refusing_as("E_MEDIA_TYPE", [&] { return parse_manifest(document); });
  if (!is_whole && !has(manifest.config.digest)) return wait_for(path_of_blob(manifest.config.digest));
  weigh(manifest.config.size);
  Config config = config_of(blob(manifest.config.digest, manifest.config.size, kMostConfigBytes));
  if (manifest.layers.size() != config.diff_ids.size()) {
    refuse_archive("E_LAYER_COUNT", digest.to_string(), " has ", manifest.layers.size(), " layers, its config ",
                   config.diff_ids.size(), " DiffIDs");
  }
  Parts parts{manifest.config, {}, std::move(config.diff_ids), std::move(config.platform)};
  for (const Descriptor& layer : manifest.layers) parts.layers.push_back(layer.digest);
  parts_.emplace(digest, std::move(parts));
  return true;
}

/// One image may be listed under several names; one name may not stand for two images.
void Archive::add(ArchiveImage image) {
  // By the root: an image under a thousand names is kept once.
  const auto [place, is_new] = places_.emplace(image.root.descriptor.digest, images_.size());
  const std::vector<Reference> names = std::exchange(image.names, {});
  if (is_new) images_.push_back(std::move(image));
  for (const Reference& name : names) add_name(place->second, name);
}

void Archive::add_name(std::size_t image, const Reference& name) {
  const auto [owner, is_new] = owners_.emplace(name.to_string(), image);
  // Loaders would take the one that stands last.
  if (owner->second != image) refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " stands for two images");
  if (is_new) images_[image].names.push_back(name);
}

}  // namespace hallmark::store
