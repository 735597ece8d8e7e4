// SPDX-License-Identifier: Apache-2.0
//
// What the system says of a file, in our words.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

namespace hallmark::store {

struct FileStatus {
  bool is_regular;
  bool is_private;  ///< of this user or root, and writable by nobody else
  std::uint64_t size;
  /// With the inode it tells whether two names are one file. Alone it may be another after each start of the machine.
  std::uint64_t device;
  std::uint64_t inode;
  std::int64_t changed;  ///< when the inode last changed, in nanoseconds: no program can set it back
};

/// Root counts as this user: whoever is root can change everything anyway.
inline FileStatus described(const struct stat& status) {
  const bool is_ours = status.st_uid == 0 || status.st_uid == ::geteuid();
  // With an access list the bits of the group are the most that its entries allow, so a writer in the list shows here.
  return {S_ISREG(status.st_mode),
          is_ours && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0,
          static_cast<std::uint64_t>(status.st_size),
          static_cast<std::uint64_t>(status.st_dev),
          static_cast<std::uint64_t>(status.st_ino),
          status.st_ctim.tv_sec * std::int64_t{1'000'000'000} + status.st_ctim.tv_nsec};
}

}  // namespace hallmark::store
