// SPDX-License-Identifier: Apache-2.0
//
// The documents of a bundle that its statement does not list: index.json and manifest.json. They may say what
// docs/bundle.md has and nothing else, for nobody has signed them.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "store/archive/archive.h"
#include "store/archive/archive_reading.h"
#include "store/archive/archive_words.h"
#include "store/layout/index_file.h"

namespace hallmark::store {
namespace {

/// Any other annotation would be a name, or more than that, to some reader.
void allow_annotations(const json::Object& object, std::initializer_list<std::string_view> names) {
  const json::Value* annotations = object.find("annotations");
  if (annotations != nullptr) annotations->object().allow_only(names);
}

constexpr std::string_view kNameOfContainerd = "io.containerd.image.name";

/// A bundle says a name by digest in a place of its own.
void refuse_digest_in(const json::Object& entry, std::string_view name) {
  const json::Value* annotations = entry.find("annotations");
  const json::Value* found = annotations == nullptr ? nullptr : annotations->object().find(name);
  if (found == nullptr || found->string().find('@') == std::string::npos) return;
  fail(Fault::corrupt, "index.json of a bundle has a digest in ", name, ": ", printable(found->string(), 200));
}

}  // namespace

void Archive::check_bundle_index(const json::Object& index) {
  refusing_as("E_VIEWS_DISAGREE", [&] {
    index.allow_only({"annotations", "manifests", "mediaType", "schemaVersion"});
    allow_annotations(index, {"vnd.hallmark.bundle", "vnd.hallmark.bundle.evidence", "vnd.hallmark.bundle.statement"});
    const std::string& version = index.at("annotations").object().at("vnd.hallmark.bundle").string();
    if (version != "1") fail(Fault::corrupt, "expected a bundle of version 1, found ", printable(version, 40));
    for (const json::Value& entry : index.at("manifests").array()) {
      // A platform, an artifactType, urls or data would be said by somebody who signed nothing.
      entry.object().allow_only({"annotations", "digest", "mediaType", "size"});
      allow_annotations(entry.object(), {kNameOfContainerd, kRefName, "vnd.hallmark.bundle.name"});
      for (const std::string_view name : {kNameOfContainerd, kRefName}) refuse_digest_in(entry.object(), name);
    }
  });
}

/// Of an index linux/amd64 without a variant, or the first that is there, as the packer has it.
const Digest& Archive::shown_in_bundle(const ArchiveImage& image) const {
  const auto found = std::find_if(image.manifests.begin(), image.manifests.end(), [&](const Document& manifest) {
    return parts_.at(manifest.descriptor.digest).platform.same_as({"linux", "amd64", ""});
  });
  return (found == image.manifests.end() ? image.manifests.front() : *found).descriptor.digest;
}

/// What the packer wrote of an image: its config and its layers by their digests.
void Archive::check_bundle_item(const DockerItem& item, const std::set<std::size_t>& same) const {
  const auto is_shown = [&](std::size_t image) {
    const Parts& parts = parts_.at(shown_in_bundle(images_[image]));
    // By their paths as well: docker's view is what the packer wrote, not only what means the same.
    return item.config == path_of_blob(parts.config.digest) &&
           std::equal(item.layers.begin(), item.layers.end(), parts.layers.begin(), parts.layers.end(),
                      [](const std::string& path, const Digest& layer) { return path == path_of_blob(layer); });
  };
  // The packer gives docker's view tags alone.
  const bool has_digest =
      std::any_of(item.names.begin(), item.names.end(), [](const Reference& name) { return name.digest(); });
  const bool is_known = !has_digest && std::any_of(same.begin(), same.end(), is_shown) &&
                        std::all_of(item.names.begin(), item.names.end(), [&](const Reference& name) {
                          const auto owner = owners_.find(name.to_string());
                          return owner != owners_.end() && is_shown(owner->second);
                        });
  if (is_known) return;
  refuse_archive("E_VIEWS_DISAGREE", "manifest.json of a bundle shows ", printable(item.config, 200),
                 " with other layers or for another platform than `save` does");
}

/// As many items as there are manifests to show, and each name once.
void Archive::check_bundle_items() const {
  const auto is_before = [](const DockerItem* one, const DockerItem* other) {
    return std::tie(one->config, one->layers) < std::tie(other->config, other->layers);
  };
  std::map<const DockerItem*, std::size_t, decltype(is_before)> counts(is_before);
  std::set<std::string> names;
  for (const DockerItem& item : *items_) {
    ++counts[&item];
    for (const Reference& name : item.names) {
      if (names.insert(name.to_string()).second) continue;
      refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " stands twice in manifest.json of a bundle");
    }
  }
  // Manifests that differ in themselves alone have the same config and the same layers.
  std::map<std::string, std::set<Digest>> shown;
  for (const ArchiveImage& image : images_) {
    const Digest& manifest = shown_in_bundle(image);
    shown[path_of_blob(parts_.at(manifest).config.digest)].insert(manifest);
  }
  for (const auto& [item, count] : counts) {
    if (count <= shown[item->config].size()) continue;
    refuse_archive("E_VIEWS_DISAGREE", "manifest.json of a bundle has an image twice: ", printable(item->config, 200));
  }
}

}  // namespace hallmark::store
