// SPDX-License-Identifier: Apache-2.0
//
// The local layer store: an OCI image layout (image-spec 1.1, image-layout.md) that other tools read as it is.
// Names and blobs enter by commit() alone, and commit() wants the gate's Approval.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/approval.h"
#include "store/disk/blob_reader.h"
#include "store/image/image.h"
#include "store/image/image_summary.h"
#include "store/layout/entry.h"
#include "store/layout/evidence.h"
#include "store/layout/quarantine.h"
#include "store/staging/staging.h"
#include "trust/reference.h"
#include "trust/time.h"

namespace hallmark::store {

/// What comes in under a name: bytes that were staged, and the gate's word for them.
struct Admission {
  const Staged* staged;
  policy::Approval approval;
};

/// Whether the approval is for exactly what was staged: anything else is std::logic_error. Fault::refused when the
/// layers inflate to more than it allows. commit() asks the same.
void check_approval(const Staged& staged, const Subject& subject);

/// A blob that is not what it is called.
struct DamagedBlob {
  Digest digest;
  std::string what;                ///< "missing", "found sha256:...", "4 bytes, expected 5"
  std::vector<std::string> names;  ///< of the images that need it
};

/// Holds nothing open: every call sees the folder as it is then. What changes the store wants the lock, or takes it.
class Store {
 public:
  /// Nothing is created before something is written. A folder that is no store of ours nor an OCI layout, or a
  /// layout of another version, is Fault::local.
  explicit Store(std::filesystem::path directory);

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// Waits for whoever changes the store, a long check or removal. An approval is of its moment, so this wait comes
  /// before the judgement, not between that and the commit.
  [[nodiscard]] StoreLock lock() const { return StoreLock(directory_); }

  /// The name comes from the approval. Blobs by rename, then index.json in one visible step. An approval for other
  /// bytes than were staged throws and changes nothing.
  void commit(const Staged& staged, policy::Approval approval, const StoreLock& lock);

  /// As above for several names, of one staging: all of them become visible in the same step, or none.
  void commit(std::vector<Admission>&& admissions, const StoreLock& lock);

  /// Keeps evidence about images, for whoever carries them on; before their commit, so that no image is without what
  /// came with it. What is about no image that is here, and about none of `coming`, is forgotten first.
  void keep(const std::vector<EvidenceEntry>& evidence, const std::set<Digest>& coming,
            const std::function<Bytes(const Descriptor&, std::uint64_t most)>& bytes_of, const StoreLock& lock);
  /// What is kept about these, directly or not, whole and hashed. Fault::corrupt when something is damaged.
  [[nodiscard]] std::vector<Evidence> evidence_about(const std::set<Digest>& subjects) const;

  /// All that have a full name and are images. What other tools listed besides is passed over, and stays.
  [[nodiscard]] std::vector<Entry> list() const;
  /// The same, and what was noted of each: where root, manifest and config are the files that a commit verified.
  [[nodiscard]] std::deque<Entry> list_with_summaries() const;
  /// By full name; or by name@digest; or by image id (config digest) or its prefix of 4 or more hex digits, a name
  /// winning over an id. An ambiguous prefix is Fault::usage; nothing found is an empty result.
  [[nodiscard]] std::optional<Entry> find(const std::string& text) const;
  /// By the digest of the manifest that was admitted of an index it is that manifest alone.
  [[nodiscard]] std::optional<Entry> find(const Reference& name) const;
  /// Of an index that the store has: this manifest of it alone. Fault::corrupt when it does not list it.
  [[nodiscard]] Entry alone(Entry entry, const Digest& manifest) const;
  /// Whether a commit verified these manifests of the root, and all their blobs are still the files that it verified:
  /// a look, no hash. What another tool put here, or a copied store, is not complete before a pull has verified it.
  [[nodiscard]] bool is_complete(const Descriptor& root, const std::vector<Descriptor>& manifests) const;
  /// A document from the store, hashed while it is read. Fault::corrupt when it is not what it is called.
  [[nodiscard]] Document read(const Descriptor& descriptor) const;
  /// A blob from the store, not hashed. Fault::missing when there is none, Fault::corrupt when it has another size.
  [[nodiscard]] std::unique_ptr<BlobReader> open(const Descriptor& blob) const;

  /// What went, and what stayed although its name went.
  struct Removal {
    std::vector<std::string> untagged;
    std::vector<Digest> deleted;  ///< blobs that nothing needs any more, configs first
    /// Why no blob was deleted although names went: entries of which it cannot be said what they need.
    std::vector<std::string> unclear;
    std::uint64_t freed = 0;  ///< bytes of the deleted blobs
  };
  /// Takes the names of these entries away and then the blobs that no name needs. Fault::missing, and nothing is
  /// changed, when one of them is not here, or is the name of another image than the entry tells.
  Removal remove(const std::vector<Entry>& entries);
  /// The same for entries that list_with_summaries() told, of those that are still as they were: what a commit brought
  /// in since then stays. Also blobs that no entry needs and that lie untouched since `ownerless_before`, if that is
  /// said.
  Removal prune(const std::vector<Entry>& entries, const std::optional<Time>& ownerless_before);

  /// Re-hashes every blob that a name needs, DiffIDs of layers included. `progress` is told each blob; `step` is called
  /// again and again, and what it throws ends the check. What is damaged is not vouched for any more.
  [[nodiscard]] std::vector<DamagedBlob> check(const std::function<void(const Descriptor&)>& progress,
                                               const std::function<void()>& step) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace hallmark::store
