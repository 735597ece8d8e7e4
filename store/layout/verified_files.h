// SPDX-License-Identifier: Apache-2.0
//
// Which files of the store a commit of this program verified: each by inode, size and time of last change. A copy of a
// store, or one that came from elsewhere, carries none that hold, and a file that was touched since has lost its own.
// Nothing holds where another user could have written the list or the files.
#pragma once

#include <map>

#include "store/disk/file.h"
#include "store/disk/open_folder.h"
#include "store/layout/layout.h"
#include "trust/digest.h"

namespace hallmark::store {

/// For one thread, and the time of one call of the store: it keeps to the folder that it looked at first.
class VerifiedFiles {
 public:
  /// What cannot be read vouches for nothing: the price is that blobs are hashed again.
  static VerifiedFiles read(const Path& directory);

  /// Whether this very file was verified, as a blob of this size.
  [[nodiscard]] bool contains(const Digest& digest, std::uint64_t size) const;
  /// The same, whatever its size was.
  [[nodiscard]] bool contains(const Digest& digest) const;
  /// For a blob in place, just hashed. The caller holds the store's lock until write().
  void add(const Digest& digest);
  /// For a blob that was found damaged.
  void remove(const Digest& digest);
  /// Those that still hold. Fault::local when they cannot be written.
  void write() const;

 private:
  using VerifiedFile = std::map<Digest, FileStatus>::value_type;

  [[nodiscard]] bool is_unchanged(const VerifiedFile& file) const;

  explicit VerifiedFiles(Path directory) : directory_(std::move(directory)), store_(directory_) {}

  [[nodiscard]] std::optional<FileStatus> look_at(const Digest& digest) const;

  Path directory_;
  mutable OpenFolder store_;  // it opens itself at the first look
  std::map<Digest, FileStatus> files_;
};

}  // namespace hallmark::store
