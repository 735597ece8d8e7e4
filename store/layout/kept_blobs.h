// SPDX-License-Identifier: Apache-2.0
//
// What pulls that were interrupted had received: the first bytes of blobs, mostly all of them. They wait outside of
// what readers see, for a while and up to a size, and are no more than bytes from outside: whoever takes them hashes
// them.
#pragma once

#include <cstdint>

#include "store/disk/file.h"
#include "trust/digest.h"

namespace hallmark::store {

/// In a store's own folder. Any number of runs at once: each of these takes or gives one file in one step.
class KeptBlobs {
 public:
  /// All of them together, and the longest that one waits after its last byte came.
  static constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 30U;
  static constexpr std::uint64_t kMostDays = 7;
  /// What is smaller is fetched again as fast as it is found.
  static constexpr std::uint64_t kLeastBytes = std::uint64_t{64} << 10U;

  explicit KeptBlobs(const Path& store_directory);

  /// Moves what was kept of the blob to `path`, where nobody else looks. False when there is nothing.
  [[nodiscard]] bool take(const Digest& digest, const Path& path) const;
  /// Keeps what is at `path`, which goes; more of a blob is kept rather than less. It is a help and no duty: what
  /// cannot be kept is removed.
  void keep(const Digest& digest, const Path& path) const noexcept;
  /// Keeps what a run that died had in its folder.
  void keep_all_of(const Path& folder) const noexcept;
  /// Removes what has waited for too long, then the oldest until the rest is small enough.
  void trim(std::uint64_t most_bytes) const noexcept;

 private:
  Path folder_;
  Path runs_;  // the folder in which each run has its own
};

}  // namespace hallmark::store
