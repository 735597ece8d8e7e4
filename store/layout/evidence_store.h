// SPDX-License-Identifier: Apache-2.0
//
// The evidence that came along with images of the store: an OCI layout of its own in .hallmark/evidence, so that none
// of it looks like an image. It goes when nothing in the store is its subject any more.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "store/disk/file.h"
#include "store/layout/evidence.h"
#include "store/layout/quarantine.h"

namespace hallmark::store {

/// The list as it was read. The lock, which whoever changes it must hold, keeps it true.
class KeptEvidence {
 public:
  /// Empty when there is none. Fault::corrupt when it cannot be read.
  static KeptEvidence read(const Path& directory);

  [[nodiscard]] const std::vector<EvidenceEntry>& entries() const { return entries_; }
  /// With all that it names, hashed. Fault::missing, Fault::corrupt.
  [[nodiscard]] Evidence whole(const EvidenceEntry& entry) const;

  /// Adds the entries, whose bytes `bytes_of` gives, a blob at a time; they are hashed. On the disk when it returns.
  void add(const std::vector<EvidenceEntry>& entries,
           const std::function<Bytes(const Descriptor&, std::uint64_t most)>& bytes_of, const StoreLock& lock);
  /// Forgets what is about none of these, directly or not.
  void keep_only(const std::set<Digest>& subjects, const StoreLock& lock);

 private:
  explicit KeptEvidence(Path directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Bytes blob(const Descriptor& descriptor, std::uint64_t most) const;
  void write() const;

  Path directory_;  // of the store
  std::vector<EvidenceEntry> entries_;
};

}  // namespace hallmark::store
