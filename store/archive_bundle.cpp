// SPDX-License-Identifier: Apache-2.0
//
// The documents of a bundle that its statement does not list: index.json and manifest.json. They may say what
// docs/bundle.md has and nothing else, for nobody has signed them.
#include <algorithm>
#include <set>
#include <tuple>

#include "store/archive.h"
#include "store/archive_reading.h"
#include "store/archive_words.h"

namespace hallmark::store {
namespace {

void allow_annotations(const json::Object& object, std::initializer_list<std::string_view> names) {
  const json::Value* annotations = object.find("annotations");
  if (annotations != nullptr) annotations->object().allow_only(names);
}

}  // namespace

void Archive::check_bundle_index(const json::Object& index) const {
  refusing_as("E_VIEWS_DISAGREE", [&] {
    index.allow_only({"annotations", "manifests", "mediaType", "schemaVersion"});
    allow_annotations(index, {"vnd.hallmark.bundle", "vnd.hallmark.bundle.evidence", "vnd.hallmark.bundle.statement"});
    const std::string& version = index.at("annotations").object().at("vnd.hallmark.bundle").string();
    if (version != "1") fail(Fault::corrupt, "expected a bundle of version 1, found ", printable(version, 40));
    for (const json::Value& entry : index.at("manifests").array()) {
      entry.object().allow_only({"annotations", "digest", "mediaType", "size"});
      allow_annotations(entry.object(),
                        {"io.containerd.image.name", "org.opencontainers.image.ref.name", "vnd.hallmark.bundle.name"});
    }
  });
}

/// Of an index linux/amd64, or the first that is there.
const Archive::Parts& Archive::shown_in_bundle(const ArchiveImage& image) const {
  const auto parts_of = [&](const Document& manifest) -> const Parts& { return parts_.at(manifest.descriptor.digest); };
  const auto found = std::find_if(image.manifests.begin(), image.manifests.end(), [&](const Document& manifest) {
    const Platform platform = parts_of(manifest).platform.normalised();
    return platform.os == "linux" && platform.architecture == "amd64";
  });
  return parts_of(found == image.manifests.end() ? image.manifests.front() : *found);
}

/// What the packer wrote of an image: its config and its layers by their digests.
void Archive::check_bundle_item(const DockerItem& item, const std::set<std::size_t>& same) const {
  const auto is_shown = [&](std::size_t image) {
    const Parts& parts = shown_in_bundle(images_[image]);
    return item.config == path_of_blob(parts.config.digest) &&
           std::equal(item.layers.begin(), item.layers.end(), parts.layers.begin(), parts.layers.end(),
                      [](const std::string& path, const Digest& layer) { return path == path_of_blob(layer); });
  };
  const bool is_known = std::any_of(same.begin(), same.end(), is_shown) &&
                        std::all_of(item.names.begin(), item.names.end(), [&](const Reference& name) {
                          const auto owner = owners_.find(name.to_string());
                          return owner != owners_.end() && is_shown(owner->second);
                        });
  if (is_known) return;
  refuse_archive("E_VIEWS_DISAGREE", "manifest.json of a bundle shows ", printable(item.config, 200),
                 " with other layers or for another platform than `save` does");
}

/// One item an image, and each name once.
void Archive::check_bundle_items() const {
  const auto is_before = [](const DockerItem* one, const DockerItem* other) {
    return std::tie(one->config, one->layers) < std::tie(other->config, other->layers);
  };
  std::set<const DockerItem*, decltype(is_before)> seen(is_before);
  std::set<std::string> names;
  for (const DockerItem& item : *items_) {
    if (!seen.insert(&item).second) {
      refuse_archive("E_VIEWS_DISAGREE", "manifest.json of a bundle has an image twice: ", printable(item.config, 200));
    }
    for (const Reference& name : item.names) {
      if (names.insert(name.to_string()).second) continue;
      refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " stands twice in manifest.json of a bundle");
    }
  }
}

}  // namespace hallmark::store
