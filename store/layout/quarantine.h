// SPDX-License-Identifier: Apache-2.0
//
// A private, locked folder in the store for one run. What it holds is invisible to readers, and a run that dies leaves
// nothing that readers see: the next one sweeps it, blobs that were put in place for an image that never came included.
// What such a run had received may wait outside of it (kept_blobs.h).
#pragma once

#include <vector>

#include "store/disk/file.h"
#include "trust/digest.h"

namespace hallmark::store {

/// The right to change the store. Readers need none: what they see changes in one step.
class StoreLock {
 public:
  /// Waits for it. Fault::interrupted when a signal came meanwhile.
  explicit StoreLock(const Path& directory);

 private:
  File file_;
};

/// One run's. The lock on the folder tells that the run is alive.
class Quarantine {
 public:
  /// Makes the folder, and sweeps those of dead runs.
  explicit Quarantine(const Path& directory);
  /// Discards what is left.
  ~Quarantine();
  Quarantine(const Quarantine&) = delete;
  Quarantine& operator=(const Quarantine&) = delete;

  /// Where a blob waits.
  [[nodiscard]] Path path_of(const Digest& digest) const;
  /// Where one waits whose digest is not known before all of it was written; each has a number of its own.
  [[nodiscard]] Path path_of_unnamed(std::size_t number) const;

  /// For a blob that comes from elsewhere: what an earlier run had received of it is at path_of() then. False when
  /// there is nothing of it.
  [[nodiscard]] bool take_kept(const Digest& digest) const;
  /// What waits at path_of() leaves this folder for the next run that wants the blob.
  void keep(const Digest& digest) const noexcept;

  /// Puts a waiting blob where readers look for it, over whatever lies there. It stays known here until settled, so
  /// that it can be taken back.
  void put_in_place(const Digest& digest, const StoreLock& lock) const;
  /// Remembers a blob in place as one to take back unless something needs it. False when that cannot be here.
  [[nodiscard]] bool remember(const Digest& digest, const StoreLock& lock) const;
  /// What was put in place stays for good, and has no other name here.
  void settle(const std::vector<Digest>& digests, const StoreLock& lock) const;
  /// Takes blobs back that nothing needs, and the rest of the folder.
  void discard(const StoreLock& lock) const;

 private:
  struct Made {
    Path folder;
    File lock;
  };
  static Made make(const Path& directory);
  Quarantine(Path directory, Made made);
  [[nodiscard]] Path placed_path(const Digest& digest) const;

  Path directory_;
  Path folder_;
  File lock_;
};

}  // namespace hallmark::store
