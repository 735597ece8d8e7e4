// SPDX-License-Identifier: Apache-2.0
#include "store/layout/completeness.h"

#include <algorithm>

#include "store/layout/index_file.h"
#include "store/layout/layout.h"
#include "store/layout/reachable.h"
#include "store/layout/verified_files.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

bool has_blob(const Path& directory, const Digest& digest, std::uint64_t size) {
  const auto status = status_of(blob_path(directory, digest));
  return status && status->is_regular && status->size == size;
}

/// Whether the manifest is here and `has` says so of its config and each layer.
template <class Has>
bool is_whole(const Path& directory, const Descriptor& manifest, Has&& has) {
  try {
    const Manifest parts = parse_manifest(read_document(directory, manifest));
    return has(parts.config) && std::all_of(parts.layers.begin(), parts.layers.end(), has);
  } catch (const Error& error) {
    if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
    return false;
  }
}

/// Whether a commit verified these very files as that image.
bool is_verified(const Path& directory, const VerifiedFiles& verified_files, const Descriptor& manifest) {
  const auto holds = [&](const Descriptor& blob) { return verified_files.contains(blob.digest, blob.size); };
  return holds(manifest) && is_whole(directory, manifest, holds);
}

}  // namespace

bool has_image(const Path& directory, const Descriptor& manifest) {
  return is_whole(directory, manifest,
                  [&](const Descriptor& blob) { return has_blob(directory, blob.digest, blob.size); });
}

bool is_complete(const Path& directory, const Descriptor& root, const std::vector<Descriptor>& manifests) {
  const LayoutIndex index = LayoutIndex::read(directory);
  const VerifiedFiles verified_files = VerifiedFiles::read(directory);
  // It knows files. Which manifests belong to a root, and were let in, is told by an entry of this program's.
  const auto covers = [&](const LayoutEntry& entry) {
    return entry.is_ours() && entry.descriptor->digest == root.digest &&
           std::all_of(manifests.begin(), manifests.end(), [&](const Descriptor& manifest) {
             return std::find(entry.manifests.begin(), entry.manifests.end(), manifest.digest) != entry.manifests.end();
           });
  };
  // An empty list would be complete of itself.
  return !manifests.empty() && std::any_of(index.entries().begin(), index.entries().end(), covers) &&
         verified_files.contains(root.digest, root.size) &&
         std::all_of(manifests.begin(), manifests.end(),
                     [&](const Descriptor& manifest) { return is_verified(directory, verified_files, manifest); });
}

}  // namespace hallmark::store
