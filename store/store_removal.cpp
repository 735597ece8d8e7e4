// SPDX-License-Identifier: Apache-2.0
//
// What no name needs goes: Store::remove and Store::prune, names first, in one visible step, and the evidence about
// images.
#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "store/layout/evidence_store.h"
#include "store/layout/layout.h"
#include "store/layout/quarantine.h"
#include "store/layout/reachable.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// Whoever chose them chose images: a name that another run has given to another image meanwhile is not meant.
LayoutEntries those_seen(const LayoutIndex& index, const std::vector<Entry>& seen) {
  LayoutEntries entries;
  for (const Entry& one : seen) {
    const LayoutEntry* now = index.find(one.name);
    if (now == nullptr || !now->descriptor) {
      throw Error(Fault::missing, "no such image: " + one.name.familiar(), "the names that are here: hallmark images");
    }
    if (now->descriptor->digest != one.root.digest) {
      throw Error(Fault::missing,
                  one.name.familiar() + " was given to another image meanwhile: expected " +
                      one.root.digest.to_string() + ", found " + now->descriptor->digest.to_string(),
                  "nothing was removed; if the name is to go all the same, repeat this command with it");
    }
    entries.push_back(*now);
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
    // Layers of gigabytes are not read only to find that they are no manifests.
    if (!status || status->size > kMostManifestBytes) continue;
    try {
      const std::optional<Bytes> bytes = read_file(blob_path(directory, digest), kMostManifestBytes);
      if (!bytes) continue;  // a folder or a link in the place of a blob
      const json::Value value = json::parse("manifest", *bytes);
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

bool is_as_seen(const LayoutEntry& now, const Entry& seen) {
  if (!now.descriptor || now.descriptor->digest != seen.root.digest) return false;
  // Whoever let the same bytes in again meanwhile wants them here.
  return !seen.admission_reason || (now.admission_reason && now.admission_reason->at == seen.admission_reason->at);
}

/// Blobs that nothing needs, and that nobody who is still at work can just have written.
std::set<Digest> ownerless(const Path& directory, const std::set<Digest>& needed, Time before) {
  std::set<Digest> found;
  // By the time of the inode, which no program sets back: what was just put in place is not ownerless.
  const auto limit = std::chrono::duration_cast<std::chrono::nanoseconds>(before.time_since_epoch()).count();
  std::error_code error;
  std::error_code inner;
  const std::filesystem::directory_iterator end;
  std::filesystem::directory_iterator algorithm(directory / "blobs", error);
  for (; !error && algorithm != end; algorithm.increment(error)) {
    std::filesystem::directory_iterator item(algorithm->path(), inner);
    for (; !inner && item != end; item.increment(inner)) {
      try {
        const std::string name = algorithm->path().filename().string() + ":" + item->path().filename().string();
        const Digest digest = Digest::parse(name);
        const auto status = status_of(item->path());
        if (status && status->is_regular && status->changed < limit && !needed.contains(digest)) found.insert(digest);
      } catch (const Error& fault) {
        if (fault.fault() != Fault::corrupt) throw;  // not the name of a blob: none of our business
      }
    }
  }
  return found;
}

/// Whoever is told of a file that stays must know that the names went.
template <class Work>
void after_names(const std::vector<std::string>& untagged, const Work& delete_blobs) {
  try {
    delete_blobs();
  } catch (const Error& error) {
    std::string went;
    for (const std::string& name : untagged) went += (went.empty() ? "untagged " : ", ") + name;
    if (went.empty()) throw;
    throw Error(error.fault(), went + ", but not all blobs could be deleted: " + error.what(),
                "when the cause is gone, hallmark image prune deletes what nothing needs and is an hour old");
  }
}

/// Names first, in one visible step; then what only they needed, and ownerless blobs if that is wanted.
Store::Removal take_away(const Path& directory, const std::optional<Time>& ownerless_before,
                         const std::function<LayoutEntries(const LayoutIndex&)>& choose) {
  // Before the lock, which it takes itself while it sweeps: the other way round this would wait for itself.
  const Quarantine quarantine(directory);
  const StoreLock lock(directory);
  LayoutIndex index = LayoutIndex::read(directory);
  const LayoutEntries going = choose(index);
  // Before a name goes: evidence that cannot be read ends the removal while nothing has changed.
  KeptEvidence evidence = KeptEvidence::read(directory);
  Store::Removal removal;
  for (const LayoutEntry& entry : going) {
    index.remove(*entry.name);
    removal.untagged.push_back(entry.name->familiar());
  }
  Reachable needed = reachable_from(directory, index.entries());
  // Doubt keeps every blob. The names go all the same, for that was asked.
  if (!needed.unclear.empty()) {
    if (!going.empty()) index.write(directory);
    removal.unclear = std::move(needed.unclear);
    return removal;
  }
  // Only what these entries needed: a blob of nobody's may be one that another tool is about to list.
  std::set<Digest> doomed = reachable_from(directory, going).digests;
  if (ownerless_before) doomed.merge(ownerless(directory, needed.digests, *ownerless_before));
  std::erase_if(doomed, [&](const Digest& digest) {
    return needed.digests.contains(digest) || !status_of(blob_path(directory, digest));
  });
  // Before anything is deleted: afterwards nobody could tell a config from a layer.
  removal.deleted = in_telling_order(directory, doomed);
  for (const Digest& digest : doomed) {
    // Another program may have deleted it meanwhile.
    if (const auto status = status_of(blob_path(directory, digest))) removal.freed += status->size;
  }
  // Remembered before the names go, so that a crash in between leaves nothing for ever.
  // Those that are remembered go with discard(); the others, where there are no links, go by their names.
  std::erase_if(doomed, [&](const Digest& digest) { return quarantine.remember(digest, lock); });
  if (!going.empty()) index.write(directory);
  after_names(removal.untagged, [&] {
    for (const Digest& digest : doomed) remove_file(blob_path(directory, digest));
    quarantine.discard(lock);
    // Last: no image that is still listed may lack what came with it.
    evidence.keep_only(needed.digests, lock);
  });
  return removal;
}

}  // namespace

Store::Removal Store::remove(const std::vector<Entry>& entries) {
  // Before anything is made on the disk.
  static_cast<void>(those_seen(LayoutIndex::read(directory_), entries));
  // Once more under the lock: a name may have been given to another image since.
  return take_away(directory_, std::nullopt, [&](const LayoutIndex& index) { return those_seen(index, entries); });
}

Store::Removal Store::prune(const std::vector<Entry>& entries, const std::optional<Time>& ownerless_before) {
  // A folder without index.json has nothing to prune, and must not become a store by being asked.
  if (!status_of(directory_ / "index.json")) return {};
  return take_away(directory_, ownerless_before, [&](const LayoutIndex& index) {
    LayoutEntries unchanged;
    for (const Entry& seen : entries) {
      const LayoutEntry* now = index.find(seen.name);
      if (now != nullptr && is_as_seen(*now, seen)) unchanged.push_back(*now);
    }
    return unchanged;
  });
}

void Store::keep(const std::vector<EvidenceEntry>& evidence, const std::set<Digest>& coming,
                 const std::function<Bytes(const Descriptor&, std::uint64_t most)>& bytes_of, const StoreLock& lock) {
  if (evidence.empty()) return;
  KeptEvidence kept = KeptEvidence::read(directory_);
  Reachable needed = reachable_from(directory_, LayoutIndex::read(directory_).entries());
  // Images that are about to be committed count as if they were here, for evidence comes before them.
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
