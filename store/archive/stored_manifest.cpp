// SPDX-License-Identifier: Apache-2.0
#include "store/archive/stored_manifest.h"

#include <algorithm>
#include <vector>

#include "store/image_ids.h"

namespace hallmark::store {

std::optional<StoredManifest> stored_manifest(const Store& store, const Digest& id, const ArchiveImage& made) {
  std::vector<Entry> entries = entries_of(store, id);
  // Those of the archive's own names come first: what was signed under such a name is what is meant.
  std::stable_partition(entries.begin(), entries.end(), [&](const Entry& entry) {
    return std::find(made.names.begin(), made.names.end(), entry.name) != made.names.end();
  });
  for (const Entry& entry : entries) {
    for (const Descriptor& listed : manifests_of(store, entry)) {
      // Not the one that was made here: it would match itself.
      const bool is_other = id_of(store, listed) != id || listed.digest == made.root.descriptor.digest;
      // Whole: its layers are going to be taken from the store.
      if (is_other || !store.is_complete(entry.root, {listed})) continue;
      return StoredManifest{store.read(entry.root), store.read(listed), listed};
    }
  }
  return std::nullopt;
}

}  // namespace hallmark::store
