// SPDX-License-Identifier: Apache-2.0
//
// What no name needs goes: Store::remove, names first, in one visible step, and the evidence about images.
#include <algorithm>
#include <set>

#include "store/kept_evidence.h"
#include "store/layout.h"
#include "store/quarantine.h"
#include "store/reach.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

std::vector<LayoutEntry> entries_of(const LayoutIndex& index, const std::vector<Reference>& names) {
  std::vector<LayoutEntry> entries;
  for (const Reference& name : names) {
    const LayoutEntry* entry = index.find(name);
    if (entry == nullptr) {
      throw Error(Fault::missing, "no such image: " + name.familiar(), "the names that are here: hallmark images");
    }
    entries.push_back(*entry);
  }
  return entries;
}

/// Configs, by whose digests people know images, before the rest.
std::vector<Digest> in_telling_order(const Path& directory, const std::set<Digest>& digests) {
  std::vector<Digest> configs;
  std::vector<Digest> others;
  std::set<Digest> is_config;
  for (const Digest& digest : digests) {
    const auto status = status_of(blob_path(directory, digest));
    if (!status || status->size > kMostManifestBytes) continue;
    try {
      const json::Value value = json::parse("manifest", *read_file(blob_path(directory, digest), kMostManifestBytes));
      const json::Value* config = value.object().find("config");
      if (config == nullptr || value.object().find("layers") == nullptr) continue;
      is_config.insert(Digest::parse(config->object().at("digest").string()));
    } catch (const Error&) {
      continue;  // a layer, or damaged: then it is told with the rest
    }
  }
  for (const Digest& digest : digests) (is_config.contains(digest) ? configs : others).push_back(digest);
  configs.insert(configs.end(), others.begin(), others.end());
  return configs;
}

}  // namespace

Store::Removal Store::remove(const std::vector<Reference>& names) {
  // Before anything is made on the disk.
  static_cast<void>(entries_of(LayoutIndex::read(directory_), names));
  const Quarantine quarantine(directory_);
  const StoreLock lock(directory_);
  LayoutIndex index = LayoutIndex::read(directory_);
  const std::vector<LayoutEntry> going = entries_of(index, names);
  KeptEvidence evidence = KeptEvidence::read(directory_);
  Removal removal;
  for (const Reference& name : names) {
    index.remove(name);
    removal.untagged.push_back(name.familiar());
  }
  Reach needed = reach_of(directory_, index.entries());
  if (!needed.unclear.empty()) {
    index.write(directory_);
    removal.unclear = std::move(needed.unclear);
    return removal;
  }
  std::set<Digest> doomed = reach_of(directory_, going).digests;
  std::erase_if(doomed, [&](const Digest& digest) {
    return needed.digests.contains(digest) || !status_of(blob_path(directory_, digest));
  });
  removal.deleted = in_telling_order(directory_, doomed);
  // Remembered before the names go, so that a crash in between leaves nothing for ever.
  std::erase_if(doomed, [&](const Digest& digest) { return quarantine.remember(digest, lock); });
  index.write(directory_);
  for (const Digest& digest : doomed) remove_file(blob_path(directory_, digest));
  quarantine.discard(lock);
  evidence.keep_only(needed.digests, lock);
  return removal;
}

void Store::keep(const std::vector<EvidenceEntry>& evidence, const std::set<Digest>& coming,
                 const std::function<Bytes(const Descriptor&, std::uint64_t most)>& bytes_of) {
  if (evidence.empty()) return;
  const StoreLock lock(directory_);
  KeptEvidence kept = KeptEvidence::read(directory_);
  Reach needed = reach_of(directory_, LayoutIndex::read(directory_).entries());
  needed.digests.insert(coming.begin(), coming.end());
  if (needed.unclear.empty()) kept.keep_only(needed.digests, lock);
  kept.add(evidence, bytes_of, lock);
}

std::vector<Evidence> Store::evidence_about(const std::set<Digest>& subjects) const {
  const KeptEvidence kept = KeptEvidence::read(directory_);
  std::vector<Evidence> evidence;
  for (const EvidenceEntry& entry : about(kept.entries(), subjects)) evidence.push_back(kept.whole(entry));
  return evidence;
}

}  // namespace hallmark::store
