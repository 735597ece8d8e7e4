// SPDX-License-Identifier: Apache-2.0
#include "store/image_ids.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::store {

std::vector<Descriptor> manifests_of(const Store& store, const Entry& entry) {
  if (!is_index(entry.root.media_type)) return {entry.root};
  const Index index = parse_index(store.read(entry.root));
  std::vector<Descriptor> manifests;
  // In the order of the entry and not of the index: its first is the one of which lists show size and summary.
  for (const Digest& digest : entry.manifests) {
    const auto listed = std::find_if(index.manifests.begin(), index.manifests.end(),
                                     [&](const Descriptor& manifest) { return manifest.digest == digest; });
    if (listed != index.manifests.end()) manifests.push_back(*listed);
  }
  if (manifests.empty()) {
    fail(Fault::corrupt, "the index ", entry.root.digest.to_string(), " lists no manifest that is here");
  }
  return manifests;
}

Digest id_of(const Store& store, const Descriptor& manifest) {
  return parse_manifest(store.read(manifest)).config.digest;
}

std::vector<Entry> entries_of(const Store& store, const Digest& id) {
  const auto has_other_ids = [&](const Entry& entry) {
    // A summary tells of the first manifest alone: where there are more, each has to be read.
    if (entry.summary && entry.manifests.size() == 1) return entry.summary->id != id;
    try {
      const std::vector<Descriptor> manifests = manifests_of(store, entry);
      return std::none_of(manifests.begin(), manifests.end(),
                          [&](const Descriptor& manifest) { return id_of(store, manifest) == id; });
    } catch (const Error& error) {
      if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
      return true;
    }
  };
  std::vector<Entry> entries;
  for (Entry& entry : store.list_with_summaries()) {
    if (!has_other_ids(entry)) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace hallmark::store
