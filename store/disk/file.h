// SPDX-License-Identifier: Apache-2.0
//
// The POSIX that the store uses: whole writes, syncs, locks, renames.
// Every failure is Fault::local with the path, the system's reason, and what can be done about it. Links are not
// followed where the store made the name itself.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "store/disk/file_descriptor.h"
#include "trust/bytes.h"

namespace hallmark::store {

struct FileStatus {
  bool is_regular;
  bool is_private;  ///< of this user or root, and writable by nobody else
  std::uint64_t size;
  /// With the inode it tells whether two names are one file. Alone it may be another after each start of the machine.
  std::uint64_t device;
  std::uint64_t inode;
  std::int64_t changed;  ///< when the inode last changed, in nanoseconds: no program can set it back
  std::uint64_t names = 1;
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
          status.st_ctim.tv_sec * std::int64_t{1'000'000'000} + status.st_ctim.tv_nsec,
          static_cast<std::uint64_t>(status.st_nlink)};
}

using Path = std::filesystem::path;

/// An open file. Closed when this goes; what matters is synced before, and said explicitly.
class File {
 public:
  /// A regular file to read. Absent when there is none, or when something else has its name: a link, a folder, a pipe.
  static std::optional<File> open_regular(const Path& path);
  /// A file that must not exist yet.
  static File create(const Path& path);
  /// A regular file to read and to write on. Absent as above.
  static std::optional<File> open_to_continue(const Path& path);
  /// A file to write from its beginning; made when there is none.
  static File overwrite(const Path& path);
  /// A file to lock; made when there is none.
  static File open_lock(const Path& path);

  /// In bytes, as the system says at this moment.
  [[nodiscard]] std::uint64_t size() const;
  /// Reads until the buffer is full or the file ends; returns how many bytes were read.
  std::size_t read(std::span<std::uint8_t> buffer);
  /// As read(), from a place in the file.
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> buffer);
  /// All of them, or Fault::local.
  void write_at(std::uint64_t offset, ByteView bytes);
  /// Has the disk begin with these bytes, so that less is left to wait for at the end. Promises nothing.
  void start_sync(std::uint64_t offset, std::uint64_t size) noexcept;
  /// The rest of it goes.
  void cut(std::uint64_t size);
  /// Sets room aside where the file system can, so that a full disk shows before the work is done. The file is not
  /// longer for it.
  void reserve(std::uint64_t size);
  /// The bytes, and what is needed to find them again, are on the disk.
  void sync_data();

  /// Waits. Fault::interrupted when a signal handler ran meanwhile.
  void lock();
  /// Does not wait: false while somebody else holds it.
  [[nodiscard]] bool try_lock();

 private:
  static std::optional<File> open_present(const Path& path, int flags);
  File(FileDescriptor descriptor, Path path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  FileDescriptor descriptor_;
  Path path_;
};

/// Makes the folder and those above it, each one synced into the one that holds it. A folder that is there is fine.
void make_directories(const Path& path);
/// Fault::local when the name is there and is no folder: a link would lead what we write and remove elsewhere.
void require_no_link(const Path& folder);
/// The same of every folder on the way from `top`, which may be a link itself, down to `folder`: what was carried here
/// must not lead what is written elsewhere.
void require_no_link_below(const Path& top, const Path& folder);
/// One folder that must not exist yet, for this user only. False when the name is taken.
[[nodiscard]] bool make_private_directory(const Path& path);
/// Names in the folder are on the disk.
void sync_directory(const Path& path);

/// In one step. Whether it outlives a crash is sync_directory()'s to see to.
void rename_over(const Path& from, const Path& to);
/// A second name for a file. False when that cannot be here: no such file, name taken, or no links on this file system.
[[nodiscard]] bool link_file(const Path& from, const Path& to);
/// A file that is gone already is fine.
void remove_file(const Path& path);
/// Removes what it can and does not complain; for leftovers that the next run sweeps as well.
void discard_tree(const Path& path) noexcept;

/// What is there, links not followed; absent when nothing is.
std::optional<FileStatus> status_of(const Path& path);

/// The whole of a regular file that has at most `most_bytes`; more is Fault::corrupt. Absent when there is none.
std::optional<Bytes> read_file(const Path& path, std::uint64_t most_bytes);

/// Writes `bytes` under the name `temporary`, syncs, renames over `path` and syncs the folder: old or new, never
/// between.
void replace_file(const Path& path, const Path& temporary, ByteView bytes);

}  // namespace hallmark::store
