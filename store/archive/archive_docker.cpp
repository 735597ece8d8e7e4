// SPDX-License-Identifier: Apache-2.0
//
// Docker's view of an archive, manifest.json: it shows what index.json does, or makes images where there is none.
#include <algorithm>
#include <utility>

#include "store/archive/archive.h"
#include "store/archive/archive_reading.h"
#include "store/archive/archive_words.h"
#include "store/image/media_types.h"
#include "store/image/members.h"
#include "store/tar/tar_names.h"

namespace hallmark::store {
namespace {

/// Limits of counts: a few MiB of JSON could otherwise ask for work without end.
constexpr std::size_t kMostImages = 10'000;
constexpr std::size_t kMostNames = 10'000;
constexpr std::size_t kMostListedLayers = 100'000;
/// Layers of images with one config, compared with each other.
constexpr std::size_t kMostComparisons = 10'000'000;

/// The same for the same archive, since its digest is what the image is known by.
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

/// Of a list of texts that may be absent or null.
template <class Take>
void for_each_text(const json::Object& object, std::string_view name, Take take) {
  const json::Value* list = object.find(name);
  if (list == nullptr || list->is_null()) return;
  for (const json::Value& text : list->array()) take(text.string());
}

/// Docker tells whose child an image is, and only of images that are saved together. `parents` has the id of each
/// image with that of its parent, if it has one. Whoever follows them must come to an end.
void check_parents(const std::map<std::string, std::string>& parents) {
  std::set<std::string> ending;
  for (const auto& [id, parent] : parents) {
    std::set<std::string> line{id};
    for (std::string next = parent; !next.empty() && !ending.contains(next); next = parents.at(next)) {
      if (line.insert(next).second) continue;
      refuse_archive("E_VIEWS_DISAGREE", "manifest.json makes an image its own parent: ", printable(next, 100));
    }
    ending.merge(line);
  }
}

/// Where a file system knows one letter in two spellings, another file could be read under the name.
std::string path_in_list(const std::string& text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80U; })) {
    refuse_archive("E_ENTRY_NAME", "manifest.json names the file ", printable(text, 200), ", expected ASCII letters");
  }
  return clean_entry_name(text);
}

}  // namespace

/// What docker and crane believe of a layer before what it is.
std::map<Digest, Descriptor> Archive::layer_sources(const json::Object& object) {
  std::map<Digest, Descriptor> sources;
  const json::Value* list = optional_member(object, "LayerSources");
  if (list == nullptr) return sources;
  for (const auto& [diff_id, source] : list->object().members()) {
    refuse_other_spellings(source.object(), {"mediaType", "digest", "size", "urls", "data"});
    const json::Value* urls = optional_member(source.object(), "urls");
    // Docker would believe such a place, or such bytes, before the blob in the archive.
    if ((urls != nullptr && !urls->array().empty()) || optional_member(source.object(), "data") != nullptr) {
      refuse_archive("E_VIEWS_DISAGREE", "manifest.json has the layer ", printable(diff_id, 100), " from elsewhere");
    }
    const std::string type = source.object().at("mediaType").string();
    compression_of(type);
    sources.emplace(Digest::parse(diff_id), Descriptor{type,
                                                       Digest::parse(source.object().at("digest").string()),
                                                       source.object().at("size").size(),
                                                       std::nullopt,
                                                       {}});
  }
  return sources;
}

/// Sources are in no digest: in a signed bundle nobody answers for them. Elsewhere they say what the archive has.
void Archive::check_sources(const DockerItem& item, const std::vector<Digest>& diff_ids, bool is_whole) const {
  if (item.sources.empty()) return;
  if (statement_) refuse_archive("E_VIEWS_DISAGREE", "manifest.json of a bundle has LayerSources, expected none");
  if (!is_whole) return;
  for (std::size_t i = 0; i < diff_ids.size() && i < item.layers.size(); ++i) {
    const auto source = item.sources.find(diff_ids[i]);
    if (source == item.sources.end()) continue;
    const SpooledBlob* spooled = find(entries_->followed(item.layers[i]));
    if (spooled == nullptr || digest_at(item.layers[i]) != source->second.digest ||
        spooled->size != source->second.size) {
      refuse_archive("E_VIEWS_DISAGREE", "the LayerSources of manifest.json say that the layer ",
                     diff_ids[i].to_string(), " is ", source->second.digest.to_string(), " of ", source->second.size,
                     " bytes, which it is not in the archive");
    }
  }
  const std::set<Digest> all(diff_ids.begin(), diff_ids.end());
  for (const auto& [diff_id, source] : item.sources) {
    if (all.contains(diff_id)) continue;
    refuse_archive("E_VIEWS_DISAGREE", "the LayerSources of manifest.json have ", diff_id.to_string(),
                   ", which is no layer of its image");
  }
}

Archive::DockerItem Archive::docker_item(const json::Object& object) {
  // Docker's readers take "config" for "Config".
  refuse_other_spellings(object, {"Config", "RepoTags", "Layers", "Parent", "LayerSources"});
  DockerItem item{path_in_list(object.at("Config").string()), {}, {}, layer_sources(object)};
  for_each_text(object, "RepoTags", [&](const std::string& tag) { item.names.push_back(parse_name(tag)); });
  for_each_text(object, "Layers", [&](const std::string& layer) { item.layers.push_back(path_in_list(layer)); });
  if (item.layers.size() > kMostLayers) refuse_archive("E_JSON_LIMIT", item.layers.size(), " layers");
  return item;
}

/// In a bundle nobody answers for them.
void Archive::require_parents(const json::Array& list, const std::vector<DockerItem>& items) const {
  std::map<std::string, std::string> parents;
  std::vector<std::string> named;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json::Value* member = optional_member(list[i].object(), "Parent");
    const std::string parent = member == nullptr ? std::string() : member->string();
    if (!parent.empty() && statement_) {
      refuse_archive("E_VIEWS_DISAGREE", "manifest.json of a bundle gives an image a parent, expected none");
    }
    if (!parent.empty()) named.push_back(parent);
    const auto id = digest_promised_by(items[i].config);
    if (!id) continue;
    const auto [place, is_new] = parents.emplace(id->to_string(), parent);
    if (is_new || place->second == parent) continue;
    refuse_archive("E_VIEWS_DISAGREE", "manifest.json gives one image two parents, ",
                   printable(place->second + " and " + parent, 200));
  }
  for (const std::string& parent : named) {
    if (parents.contains(parent)) continue;
    refuse_archive("E_VIEWS_DISAGREE",
                   "manifest.json gives an image a parent that is not in the archive: ", printable(parent, 100));
  }
  check_parents(parents);
}

std::vector<Archive::DockerItem> Archive::docker_items() const {
  const json::Value value = parse_json(kDockerFile, *document(std::string(kDockerFile)));
  std::size_t names = 0;
  std::size_t layers = 0;
  const auto count = [](std::size_t& counted, std::size_t more, std::size_t most, std::string_view what) {
    counted += more;
    if (counted > most) refuse_archive("E_JSON_LIMIT", "it lists more than ", most, " ", what);
  };
  return refusing_as("E_JSON_SYNTAX", [&] {
    std::vector<DockerItem> items;
    for (const json::Value& listed : value.array()) {
      items.push_back(docker_item(listed.object()));
      count(names, items.back().names.size(), kMostNames, "names");
      count(layers, items.back().layers.size(), kMostListedLayers, "layers");
      if (items.size() > kMostImages) refuse_archive("E_JSON_LIMIT", "it lists more than ", kMostImages, " images");
    }
    require_parents(value.array(), items);
    return items;
  });
}

/// What is called after a digest must be what it is called.
const SpooledBlob& Archive::docker_config(const std::string& path) {
  // Behind a link the name of one digest would have the config of another image.
  if (entries_->followed(path) != path)
    refuse_archive("E_LINK_TARGET", printable(path, 200), " is a link, expected a file");
  const SpooledBlob* spooled = find(path);
  if (spooled == nullptr) refuse_archive("E_BLOB_MISSING", printable(path, 200), " is not in the archive");
  if (!checked_configs_.insert(path).second) return *spooled;
  const auto promised = digest_promised_by(path);
  if (promised && Digest::of(staging_.bytes_of(*spooled, kMostConfigBytes), promised->algorithm()) != *promised) {
    refuse_archive("E_CONFIG_DIGEST", "the config ", printable(path, 200), " is ", spooled->digest.to_string());
  }
  return *spooled;
}

/// Of a layer in docker's view; absent when it is not in the archive. Docker does not ask whether a blob is what it is
/// called: here it must be.
std::optional<Digest> Archive::digest_at(const std::string& path) const {
  const SpooledBlob* spooled = find(entries_->followed(path));
  auto named = digest_of_path(path);
  if (!named) return spooled == nullptr ? std::nullopt : std::optional(spooled->digest);
  if (spooled != nullptr && spooled->digest != *named) {
    refuse_archive("E_BLOB_DIGEST", "expected ", named->to_string(), ", found ", spooled->digest.to_string());
  }
  return named;
}

std::vector<Digest> Archive::layers_of(const DockerItem& item) const {
  std::vector<Digest> layers;
  for (const std::string& path : item.layers) {
    const auto digest = digest_at(path);
    if (!digest) refuse_archive("E_BLOB_MISSING", printable(path, 200), " is not in the archive");
    layers.push_back(*digest);
  }
  return layers;
}

/// Whether a manifest of index.json is the one that docker would load. Its layers may be listed as they are or
/// inflated.
bool Archive::shows(const Parts& parts, const std::vector<Digest>& layers) {
  if (parts.layers.size() != layers.size()) return false;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] != parts.layers[i] && layers[i] != parts.diff_ids[i]) return false;
  }
  return true;
}

std::map<Digest, std::vector<Archive::Candidate>> Archive::candidates() const {
  std::map<Digest, std::vector<Candidate>> candidates;
  for (std::size_t i = 0; i < images_.size(); ++i) {
    for (const Document& manifest : images_[i].manifests) {
      const Parts& parts = parts_.at(manifest.descriptor.digest);
      candidates[parts.config.digest].push_back({i, &parts});
    }
  }
  return candidates;
}

/// Those of the candidates that are what docker's view shows; before all is read, those that may be.
std::set<std::size_t> Archive::same_as(const DockerItem& item, const std::vector<Candidate>& candidates,
                                       bool is_whole) const {
  std::set<std::size_t> same;
  const std::vector<Digest> layers = is_whole ? layers_of(item) : std::vector<Digest>();
  for (const auto& [image, parts] : candidates) {
    if (is_whole ? shows(*parts, layers) : parts->layers.size() == item.layers.size()) same.insert(image);
  }
  return same;
}

void Archive::check_agreement(bool is_whole) {
  const std::map<Digest, std::vector<Candidate>> by_config = candidates();
  const std::set<std::size_t> without_name = unnamed();
  std::set<std::size_t> shown;
  std::size_t compared = 0;
  for (const DockerItem& item : *items_) {
    std::set<std::size_t> same;
    const auto found = by_config.find(docker_config(item.config).digest);
    if (found != by_config.end()) {
      compared += found->second.size() * (item.layers.size() + 1);
      if (compared > kMostComparisons) refuse_archive("E_JSON_LIMIT", "too many images have the same config");
      same = same_as(item, found->second, is_whole);
    }
    if (!same.empty()) check_sources(item, found->second.front().parts->diff_ids, is_whole);
    if (same.empty()) {
      refuse_archive("E_VIEWS_DISAGREE", "manifest.json has an image that index.json has not: ",
                     item.names.empty() ? printable(item.config, 200) : item.names.front().familiar());
    }
    name_images(item, same, without_name);
    if (statement_) check_bundle_item(item, same);
    shown.merge(same);
  }
  require_names(shown);
  require_tags();
  if (statement_) check_bundle_items();
}

/// Those that index.json does not name.
std::set<std::size_t> Archive::unnamed() const {
  std::set<std::size_t> unnamed;
  for (std::size_t i = 0; i < images_.size(); ++i) {
    if (images_[i].names.empty()) unnamed.insert(i);
  }
  return unnamed;
}

/// By the names of manifest.json: those of index.json, or, where it gives none, the only ones.
void Archive::name_images(const DockerItem& item, const std::set<std::size_t>& same,
                          const std::set<std::size_t>& unnamed) {
  for (const Reference& name : item.names) {
    const auto has_digest = [&](std::size_t one) { return images_[one].root.descriptor.digest == name.digest(); };
    if (name.digest() && std::none_of(same.begin(), same.end(), has_digest)) {
      require_own_digest(name, images_[*same.begin()].root.descriptor.digest);
    }
    const auto owner = owners_.find(name.to_string());
    // Both views know the name: they must mean one image by it.
    if (owner != owners_.end()) {
      if (same.contains(owner->second)) continue;
      refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " is one image in manifest.json and another in index.json");
    }
    const auto image = std::find_if(same.begin(), same.end(), [&](std::size_t one) {
      return name.digest() ? has_digest(one) : unnamed.contains(one);
    });
    if (image == same.end() && statement_) {
      refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " is in manifest.json and not in index.json");
    }
    add_name(image == same.end() ? *same.begin() : *image, name);  // each name is judged
  }
}

/// Docker's view has all images but those without a tag; in a bundle it has them under all of their names.
void Archive::require_names(const std::set<std::size_t>& images) const {
  std::set<std::string> shown;
  for (const DockerItem& item : *items_) {
    for (const Reference& name : item.names) shown.insert(name.to_string());
  }
  for (const auto& [name, image] : owners_) {
    if (shown.contains(name) || Reference::parse(name).digest()) continue;
    if (!statement_ && images.contains(image)) continue;
    refuse_archive("E_VIEWS_DISAGREE", Reference::parse(name).familiar(), " is in index.json and not in manifest.json");
  }
}

/// Where index.json has only the tag of an image, manifest.json has no other one.
void Archive::require_tags() const {
  for (const auto& [root, tags] : tags_) {
    const std::vector<Reference>& names = images_[places_.at(root)].names;
    for (const std::string& tag : tags) {
      const bool is_known =
          std::any_of(names.begin(), names.end(), [&](const Reference& name) { return name.tag() == tag; });
      if (is_known || names.empty()) continue;
      refuse_archive("E_VIEWS_DISAGREE", names.front().familiar(), " has the tag ", tag, " in index.json");
    }
  }
}

/// A layer is inflated once, however many images have it.
Descriptor Archive::accept_layer(const std::string& path, const Digest& diff_id) {
  const auto known = accepted_.find({path, diff_id});
  if (known != accepted_.end()) return known->second;
  // For what it refuses: a blob under a wrong digest is not accepted for what it is.
  static_cast<void>(digest_at(path));
  const SpooledBlob* spooled = find(entries_->followed(path));
  if (spooled == nullptr) refuse_archive("E_BLOB_MISSING", printable(path, 200), " is not in the archive");
  if (judge_names_ && staging_.must_be_unpacked(*spooled)) {
    const auto judge = std::exchange(judge_names_, {});
    for (const DockerItem& item : *items_) judge(item.names);
  }
  return accepted_.emplace(std::pair(path, diff_id), staging_.accept_layer_without_descriptor(diff_id, *spooled))
      .first->second;
}

/// A docker archive has no manifest: one is made of what it has. Layers and config stay what they are.
void Archive::make_image(const DockerItem& item) {
  const SpooledBlob& spooled = docker_config(item.config);
  weigh(spooled.size);
  const Bytes bytes = staging_.bytes_of(spooled, kMostConfigBytes);
  const Config config = config_of(bytes);
  if (config.diff_ids.size() != item.layers.size()) {
    refuse_archive("E_LAYER_COUNT", printable(item.config, 200), " has ", config.diff_ids.size(),
                   " DiffIDs, manifest.json ", item.layers.size(), " layers");
  }
  check_sources(item, config.diff_ids, true);
  std::vector<Descriptor> layers;
  for (std::size_t i = 0; i < item.layers.size(); ++i) {
    layers.push_back(accept_layer(item.layers[i], config.diff_ids[i]));
  }
  // The bytes as they are: their digest is what docker calls the image.
  const Document config_document{{std::string(kOciConfig), Digest::of(bytes), bytes.size(), std::nullopt, {}}, bytes};
  DocumentSource source(config_document);
  staging_.take_config(config_document.descriptor, source);
  Bytes manifest = bytes_of(write_manifest(config_document.descriptor, layers));
  weigh(manifest.size());
  const Descriptor descriptor{std::string(kOciManifest), Digest::of(manifest), manifest.size(), std::nullopt, {}};
  ArchiveImage image{item.names, {descriptor, {}}, {{descriptor, std::move(manifest)}}, {descriptor}, true};
  staging_.take(image.manifests.front());
  image.chosen.front().platform = config.platform;
  parts_.emplace(descriptor.digest, Parts{config_document.descriptor, {}, {}, config.platform});
  add(std::move(image));
}

void Archive::match_stored_manifest(
    const std::function<std::optional<StoredManifest>(const ArchiveImage& made, const Digest& config)>& find) {
  for (ArchiveImage& image : images_) {
    if (!image.manifest_is_synthesized) continue;
    const Descriptor config = parts_.at(image.root.descriptor.digest).config;
    std::optional<StoredManifest> stored = find(image, config.digest);
    // The answer is checked: with another config it is another image.
    if (!stored || parse_manifest(stored->manifest).config.digest != config.digest) continue;
    Descriptor chosen = stored->chosen;
    if (!chosen.platform) chosen.platform = image.chosen.front().platform;
    const bool is_index_root = is_index(stored->root.descriptor.media_type);
    // An index may list more than the archive has: then nobody looked at all of it.
    const bool is_whole = !is_index_root || parse_index(stored->root).has_no_more_than({chosen});
    // As read() leaves it: the manifest has the bytes.
    if (!is_index_root) stored->root.bytes.clear();
    image = {std::move(image.names),
             std::move(stored->root),
             {std::move(stored->manifest)},
             {chosen},
             false,
             true,
             is_whole};
  }
}

}  // namespace hallmark::store
