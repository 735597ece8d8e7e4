// SPDX-License-Identifier: Apache-2.0
//
// Staging's last word: whether what was taken is all of an image, and of the one that was meant.
#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "store/layout/completeness.h"
#include "store/layout/layout.h"
#include "store/layout/reachable.h"
#include "store/staging/staging.h"
#include "store/staging/staging_inside.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// Which entry of the index a chosen manifest is; the index decides its size, type and platform.
const Descriptor& entry_of(const Index& index, const Descriptor& manifest) {
  const auto found = std::find_if(index.manifests.begin(), index.manifests.end(), [&](const Descriptor& listed) {
    // The platform too: an index may list one digest for two of them.
    return listed.digest == manifest.digest && listed.platform == manifest.platform;
  });
  if (found == index.manifests.end()) fail(Fault::corrupt, "the index does not list it");
  if (found->size != manifest.size || found->media_type != manifest.media_type) {
    fail(Fault::corrupt, "the index says ", printable(found->media_type, 100), " of ", found->size, " bytes, found ",
         printable(manifest.media_type, 100), " of ", manifest.size, " bytes");
  }
  return *found;
}

/// `promised` is what an index says, if it says anything.
void check_platform(const Config& config, const std::optional<Platform>& promised) {
  // Not the variant: builders of good images are at odds about it.
  if (promised && config.platform.contradicts(*promised)) {
    fail(Fault::corrupt, "the config is for ", printable(config.platform.to_string(), 80), ", expected ",
         printable(promised->to_string(), 80));
  }
}

/// Of a manifest that is no part of an index: nobody has chosen it for this machine.
void check_system(const Config& config) {
  const Platform system{Platform::here().os, "", ""};
  if (!config.platform.contradicts(system)) return;
  // Not corrupt: the image is good, and for another system.
  fail(Fault::missing, "the image is for ", printable(config.platform.normalised().to_string(), 80),
       ", expected one for ", system.os);
}

/// Whether the layers of a manifest are what its config says. Returns the bytes that each inflates to.
std::vector<std::uint64_t> check_image(StagingInside& inside, const Manifest& parts,
                                       const std::optional<Platform>& promised, bool is_of_index) {
  const Config config = parse_config(inside.document(parts.config).bytes);
  check_platform(config, promised);
  if (!promised && !is_of_index) check_system(config);
  // Before they are paired: with one more or fewer each would be held against another's.
  if (config.diff_ids.size() != parts.layers.size()) {
    fail(Fault::corrupt, parts.layers.size(), " layers, but the config has ", config.diff_ids.size(), " DiffIDs");
  }
  std::vector<std::uint64_t> inflated;
  for (std::size_t i = 0; i < parts.layers.size(); ++i) {
    const Descriptor& layer = parts.layers[i];
    const Taken taken = inside.at(layer.digest);
    // The digest alone is not enough: under another DiffID or type it was not checked as this image's layer.
    if (taken.size != layer.size || taken.media_type != layer.media_type || taken.diff_id != config.diff_ids[i]) {
      fail(Fault::corrupt, "layer ", layer.digest.to_string(), " was taken as something else");
    }
    inflated.push_back(taken.inflated);
  }
  return inflated;
}

std::vector<Descriptor> present_manifests(const Path& directory, const Entry& entry) {
  if (!is_index(entry.root.media_type)) return {entry.root};
  const Index index = parse_index(read_document(directory, entry.root));
  std::vector<Descriptor> manifests;
  for (const Digest& digest : entry.manifests) {
    const auto found = std::find_if(index.manifests.begin(), index.manifests.end(),
                                    [&](const Descriptor& listed) { return listed.digest == digest; });
    if (found == index.manifests.end()) fail(Fault::corrupt, "the index does not list ", digest.to_string());
    manifests.push_back(*found);
  }
  return manifests;
}

/// For an image that must be here.
class Nowhere final : public Source {
 public:
  void fetch(const Descriptor& blob, ByteSink& /*out*/) override {
    throw Error(Fault::corrupt, "the store has no good copy of its " + std::to_string(blob.size) + " bytes",
                "pull the image again");
  }
};

/// Each blob once.
class BlobList {
 public:
  void add(const Descriptor& blob) {
    if (seen_.insert(blob.digest).second) blobs_.push_back({blob.digest, blob.size});
  }
  std::vector<StagedBlob> take() && { return std::move(blobs_); }

 private:
  std::set<Digest> seen_;
  std::vector<StagedBlob> blobs_;
};

}  // namespace

Staged Staging::seal(const Descriptor& root, const std::vector<Descriptor>& manifests) const {
  Staged staged(*this, root);
  BlobList blobs;
  blobs.add(root);
  std::optional<Index> index;
  within("manifest " + root.digest.to_string(), [&] {
    // From quarantine, hashed again: nothing rests on what a caller has in memory.
    const Document document = inside_->document(root);
    if (is_index(root.media_type)) index = parse_index(document);
    if (manifests.empty()) fail(Fault::corrupt, "no manifest was chosen");
    // What is no index is its own manifest: another one would be sealed without being a part of it.
    if (!index && (manifests.size() != 1 || manifests.front().digest != root.digest)) {
      fail(Fault::corrupt, "it is one manifest, and another was chosen");
    }
  });
  for (const Descriptor& chosen : manifests) {
    within("manifest " + chosen.digest.to_string(), [&] {
      // The index's entry and not the caller's: its platform is what the config is held against.
      const Descriptor manifest = index ? entry_of(*index, chosen) : chosen;
      const Manifest parts = parse_manifest(inside_->document(manifest));
      std::vector<std::uint64_t> sizes = check_image(*inside_, parts, manifest.platform, index.has_value());
      const std::uint64_t inflated = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
      if (staged.manifests_.empty()) {
        staged.uncompressed_size_ = inflated;
        staged.layer_sizes_ = std::move(sizes);
      }
      // A policy limits each image by itself, so the largest counts.
      staged.most_uncompressed_ = std::max(inflated, staged.most_uncompressed_.value_or(0));
      staged.manifests_.push_back(manifest);
      blobs.add(manifest);
      blobs.add(parts.config);
      for (const Descriptor& layer : parts.layers) blobs.add(layer);
    });
  }
  staged.blobs_ = std::move(blobs).take();
  return staged;
}

void Staging::take_from_store(const Descriptor& root, const std::vector<Descriptor>& manifests,
                              const std::function<void(std::uint64_t)>& progress) {
  const Path& directory = inside_->directory;
  // The same way as for what is fetched: what the store has no good copy of is damage.
  Nowhere nowhere;
  take(read_document(directory, root));
  for (const Descriptor& chosen : manifests) {
    const Document document = read_document(directory, chosen);
    take(document);
    const Manifest parts = parse_manifest(document);
    const Config config = parse_config(take_config(parts.config, nowhere));
    // Too few DiffIDs: seal() says so.
    for (std::size_t i = 0; i < std::min(parts.layers.size(), config.diff_ids.size()); ++i) {
      take_layer(parts.layers[i], config.diff_ids[i], nowhere, progress);
    }
  }
}

Staged Staging::present(const Entry& entry, const std::function<void(std::uint64_t)>& progress) {
  return within(entry.name.familiar(), [&] {
    const Path& directory = inside_->directory;
    std::vector<Descriptor> manifests = present_manifests(directory, entry);
    // A limit wants a measure, and for that the layers have to be inflated again.
    if (inside_->most_inflated != StagingInside::kUnlimited || !is_complete(directory, entry.root, manifests)) {
      take_from_store(entry.root, manifests, progress);
      return seal(entry.root, manifests);
    }
    // Nothing is in quarantine: commit() asks the list of verified files once more, blob by blob.
    Staged staged(*this, entry.root);
    BlobList blobs;
    blobs.add(entry.root);
    for (const Descriptor& manifest : manifests) {
      const Manifest parts = parse_manifest(read_document(directory, manifest));
      blobs.add(manifest);
      blobs.add(parts.config);
      for (const Descriptor& layer : parts.layers) blobs.add(layer);
    }
    staged.manifests_ = std::move(manifests);
    staged.blobs_ = std::move(blobs).take();
    staged.uncompressed_size_ = entry.uncompressed_size;
    if (entry.summary) staged.layer_sizes_ = entry.summary->layer_sizes;
    return staged;
  });
}

}  // namespace hallmark::store
