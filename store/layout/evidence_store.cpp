// SPDX-License-Identifier: Apache-2.0
#include "store/layout/evidence_store.h"

#include <algorithm>

#include "store/layout/layout.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

constexpr std::uint64_t kMostEvidenceIndexBytes = std::uint64_t{8} << 20U;
/// Of all images of the store: eight times what one bundle may carry.
constexpr std::size_t kMostKept = 8000;
constexpr const char* kHint = "load the bundle that brought it again, or remove the images that it is about";

/// On the lines of what a registry gave. Archives may have it, too: there it counts for nothing.
constexpr const char* kOrigin = "vnd.hallmark.evidence.origin";
constexpr const char* kRegistry = "registry";

Path folder_of(const Path& directory) { return own_folder(directory) / "evidence"; }
Path index_path(const Path& directory) { return folder_of(directory) / "index.json"; }

void check(const Descriptor& expected, ByteView bytes) {
  const Digest found = Digest::of(bytes, expected.digest.algorithm());
  if (bytes.size() == expected.size && found == expected.digest) return;
  throw Error(Fault::corrupt,
              "evidence " + expected.digest.to_string() + " is damaged: expected " + std::to_string(expected.size) +
                  " bytes, found " + std::to_string(bytes.size()) + ", " + found.to_string(),
              kHint);
}

/// The list as it is on the disk.
std::string to_text(std::vector<EvidenceEntry> entries) {
  for (EvidenceEntry& entry : entries) {
    if (entry.is_from_registry) entry.annotations.insert_or_assign(kOrigin, kRegistry);
  }
  return evidence_document(entries);
}

/// In a folder that is ours alone: nothing that lies there may lead elsewhere.
void put(const Path& directory, const Descriptor& descriptor, const Bytes& bytes) {
  // Whoever fetched it: what lies under a digest has that digest.
  check(descriptor, bytes);
  const Path folder = blob_folder(folder_of(directory), descriptor.digest);
  // A store that was carried here may have a link in it, which would lead the write elsewhere.
  require_no_link_below(directory, folder);
  make_directories(folder);
  // One temporary name is enough, for the caller holds the lock.
  replace_file(folder / descriptor.digest.hex(), folder / "new", bytes);
}

/// The manifests and what they name. One that cannot be read any more names nothing.
std::set<Digest> digests_of(const Path& directory, const std::vector<EvidenceEntry>& entries) {
  std::set<Digest> digests;
  for (const EvidenceEntry& entry : entries) {
    const Digest& digest = entry.manifest.digest;
    digests.insert(digest);
    const auto manifest = read_file(blob_path(folder_of(directory), digest), kMostManifestBytes);
    if (!manifest || Digest::of(*manifest, digest.algorithm()) != digest) continue;
    for (const Descriptor& named : evidence_blobs(*manifest)) digests.insert(named.digest);
  }
  return digests;
}

/// In the folders of the folder, no link followed.
std::vector<Path> files_below(const Path& directory, const Path& folder) {
  std::vector<Path> files;
  std::error_code error;  // nothing is there to be seen
  std::error_code inner;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator item(folder, error); !error && item != end; item.increment(error)) {
    // Before it is listed: behind a link lie files of others, which keep_only() would remove.
    require_no_link_below(directory, item->path());
    std::filesystem::directory_iterator file(item->path(), inner);
    for (; !inner && file != end; file.increment(inner)) files.push_back(file->path());
  }
  return files;
}

}  // namespace

KeptEvidence KeptEvidence::read(const Path& directory) {
  KeptEvidence evidence(directory);
  const auto bytes = read_file(index_path(directory), kMostEvidenceIndexBytes);
  if (!bytes) return evidence;
  try {
    evidence.entries_ = parse_evidence(*bytes, kMostKept);
    for (EvidenceEntry& entry : evidence.entries_) {
      const auto origin = entry.annotations.extract(kOrigin);
      entry.is_from_registry = origin && origin.mapped() == kRegistry;
    }
  } catch (const Error& error) {
    // Damaged is not empty: to write on from an empty list would lose all that is there.
    throw Error(error.fault(), printable(index_path(directory).string(), 300) + " is damaged: " + error.what(),
                "remove the folder that it is in, then load the bundles that brought evidence again");
  }
  return evidence;
}

Bytes KeptEvidence::blob(const Descriptor& descriptor, std::uint64_t most) const {
  auto bytes = read_file(blob_path(folder_of(directory_), descriptor.digest), most);
  if (!bytes) throw Error(Fault::missing, "evidence " + descriptor.digest.to_string() + " is not in the store", kHint);
  check(descriptor, *bytes);
  return *std::move(bytes);
}

Evidence KeptEvidence::whole(const EvidenceEntry& entry) const {
  Evidence evidence{
      entry.kind, entry.artifact_type,   entry.annotations, {entry.manifest, blob(entry.manifest, kMostManifestBytes)},
      {},         entry.is_from_registry};
  for (const Descriptor& named : evidence_blobs(evidence.manifest.bytes)) {
    evidence.blobs.push_back({named, blob(named, kMostEvidenceBlob)});
  }
  return evidence;
}

void KeptEvidence::add(const std::vector<EvidenceEntry>& entries,
                       const std::function<Bytes(const Descriptor&, std::uint64_t most)>& bytes_of,
                       const StoreLock& /*lock*/) {
  std::vector<EvidenceEntry> all = entries_;
  for (EvidenceEntry entry : entries) {
    // Written by whoever made the archive.
    entry.annotations.erase(kOrigin);
    // The same evidence about the same subject stands once, as it came last. What a registry gave stays what it gave,
    // though an archive brings it again.
    std::erase_if(all, [&](const EvidenceEntry& other) {
      if (!other.is_same(entry)) return false;
      entry.is_from_registry = entry.is_from_registry || other.is_from_registry;
      return true;
    });
    all.push_back(std::move(entry));
  }
  // What could not be read again must not be written.
  if (all.size() > kMostKept || to_text(all).size() > kMostEvidenceIndexBytes) {
    throw Error(Fault::local,
                "the store would hold more evidence than it can list: at most " + std::to_string(kMostKept) +
                    " pieces, and " + std::to_string(kMostEvidenceIndexBytes >> 20U) + " MiB to say what they are",
                "remove images that are not needed any more");
  }
  // Blobs, then the manifest, then the index: a crash in between leaves files that keep_only() sweeps.
  for (const EvidenceEntry& entry : entries) {
    const Bytes manifest = bytes_of(entry.manifest, kMostManifestBytes);
    for (const Descriptor& named : evidence_blobs(manifest)) put(directory_, named, bytes_of(named, kMostEvidenceBlob));
    put(directory_, entry.manifest, manifest);
  }
  // Every blob was there and good: what throws before this leaves the list as it was.
  entries_ = std::move(all);
  if (!entries.empty()) write();
}

void KeptEvidence::keep_only(const std::set<Digest>& subjects, const StoreLock& /*lock*/) {
  const std::vector<EvidenceEntry> kept = about(entries_, subjects);
  // Before files go: a crash then leaves files that nobody lists, never an entry without its files.
  if (kept.size() != entries_.size()) {
    entries_ = kept;
    write();
  }
  std::set<Path> needed;
  for (const Digest& digest : digests_of(directory_, entries_)) needed.insert(blob_path(folder_of(directory_), digest));
  // What a load that died has left goes as well.
  for (const Path& path : files_below(directory_, folder_of(directory_) / "blobs")) {
    if (!needed.contains(path)) remove_file(path);
  }
}

void KeptEvidence::write() const {
  const std::string text = to_text(entries_);
  replace_file(index_path(directory_), folder_of(directory_) / "index.json.new", view_of(text));
}

}  // namespace hallmark::store
