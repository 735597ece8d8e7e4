// SPDX-License-Identifier: Apache-2.0
#include "store/disk/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kLockMode = 0600;
constexpr mode_t kFolderMode = 0755;
constexpr mode_t kPrivateMode = 0700;

std::string hint_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "free some space, or choose another disk with --store, --registry or --output";
    case EROFS:
    case EACCES:
    case EPERM: return "check who may write there, or choose another place with --store, --registry or --output";
    case EMFILE:
    case ENFILE: return "raise the limit of open files (ulimit -n)";
    default: return {};
  }
}

[[noreturn]] void fail_system(std::string_view what, const Path& path, int error) {
  throw Error(
      Fault::local,
      detail::joined("cannot ", what, " ", printable(path.string(), 300), ": ", std::generic_category().message(error)),
      hint_for(error));
}

/// Calls again what a signal broke off.
template <class Call>
auto retried(Call&& call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

/// O_NOFOLLOW: a link in the place of a blob or of a lock would lead what is read or written elsewhere.
FileDescriptor open_file(const Path& path, int flags, mode_t mode = kFileMode) {
  return FileDescriptor(retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode); }));
}

FileDescriptor open_or_fail(std::string_view what, const Path& path, int flags, mode_t mode = kFileMode) {
  FileDescriptor descriptor = open_file(path, flags, mode);
  if (!descriptor.is_open()) fail_system(what, path, errno);
  return descriptor;
}

}  // namespace

std::optional<File> File::open_regular(const Path& path) { return open_present(path, O_RDONLY); }
std::optional<File> File::open_to_continue(const Path& path) { return open_present(path, O_RDWR); }

std::optional<File> File::open_present(const Path& path, int flags) {
  // Without O_NONBLOCK a pipe of that name would hang us.
  FileDescriptor descriptor = open_file(path, flags | O_NONBLOCK);
  if (!descriptor.is_open()) {
    // Each of these says that no regular file has the name; ENXIO is that of a socket. Anything else is trouble, and
    // trouble is never an absence (docs/house.md, law 6).
    if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR || errno == ENXIO) return std::nullopt;
    fail_system("open", path, errno);
  }
  struct stat status {};
  if (::fstat(descriptor.number(), &status) != 0) fail_system("look at", path, errno);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return File(std::move(descriptor), path);
}

/// O_EXCL: what lies there already, a link included, is never written into.
File File::create(const Path& path) { return {open_or_fail("create", path, O_WRONLY | O_CREAT | O_EXCL), path}; }
File File::overwrite(const Path& path) { return {open_or_fail("create", path, O_WRONLY | O_CREAT | O_TRUNC), path}; }
// Whoever can open a lock can hold it, and everybody waits.
File File::open_lock(const Path& path) { return {open_or_fail("open", path, O_RDWR | O_CREAT, kLockMode), path}; }

std::uint64_t File::size() const {
  struct stat status {};
  if (::fstat(descriptor_.number(), &status) != 0) fail_system("look at", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

/// A short read is not the end: to callers fewer bytes than asked for mean that the file has ended.
std::size_t File::read(std::span<std::uint8_t> buffer) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t count =
        retried([&] { return ::read(descriptor_.number(), buffer.data() + done, buffer.size() - done); });
    if (count < 0) fail_system("read", path_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

std::size_t File::read_at(std::uint64_t offset, std::span<std::uint8_t> buffer) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t count = retried([&] {
      return ::pread(descriptor_.number(), buffer.data() + done, buffer.size() - done,
                     static_cast<off_t>(offset + done));
    });
    if (count < 0) fail_system("read", path_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void File::write_at(std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        retried([&] { return ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (count < 0) fail_system("write", path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void File::start_sync(std::uint64_t offset, std::uint64_t size) noexcept {
  ::sync_file_range(descriptor_.number(), static_cast<off_t>(offset), static_cast<off_t>(size), SYNC_FILE_RANGE_WRITE);
}

void File::cut(std::uint64_t size) {
  if (retried([&] { return ::ftruncate(descriptor_.number(), static_cast<off_t>(size)); }) != 0) {
    fail_system("shorten", path_, errno);
  }
}

void File::reserve(std::uint64_t size) {
  if (size == 0) return;
  // Not posix_fallocate(): where the file system cannot reserve, that writes every block instead.
  if (retried([&] { return ::fallocate(descriptor_.number(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)); }) == 0)
    return;
  // A file system that cannot reserve goes without. A full disk is told now, not after the transfer.
  if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) fail_system("reserve room for", path_, errno);
}

void File::sync_data() {
  if (retried([&] { return ::fdatasync(descriptor_.number()); }) != 0) fail_system("sync", path_, errno);
}

void File::lock() {
  // flock() counts by open file and not by process: another Quarantine of this very process is seen to be locked, and
  // is not swept.
  if (::flock(descriptor_.number(), LOCK_EX) == 0) return;
  // A handler that lets calls be broken off exists so that a wait ends.
  if (errno == EINTR) fail(Fault::interrupted, "interrupted while waiting for ", printable(path_.string(), 300));
  fail_system("lock", path_, errno);
}

bool File::try_lock() {
  if (retried([&] { return ::flock(descriptor_.number(), LOCK_EX | LOCK_NB); }) == 0) return true;
  if (errno != EWOULDBLOCK) fail_system("lock", path_, errno);
  return false;
}

void make_directories(const Path& path) {
  // Made first and looked at second: of two runs that make the same folders at once both succeed.
  if (::mkdir(path.c_str(), kFolderMode) == 0) {
    const Path parent = path.parent_path();
    sync_directory(parent.empty() ? Path(".") : parent);
    return;
  }
  const int error = errno;
  if (error == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    make_directories(path.parent_path());
    return make_directories(path);
  }
  std::error_code ignored;
  // Not only EEXIST: a read-only file system or a strict parent says something else about a folder that is there.
  if (!std::filesystem::is_directory(path, ignored)) fail_system("create", path, error);
}

void require_no_link(const Path& folder) {
  std::error_code error;
  const std::filesystem::file_type type = std::filesystem::symlink_status(folder, error).type();
  if (type == std::filesystem::file_type::not_found || type == std::filesystem::file_type::directory) return;
  throw Error(Fault::local, printable(folder.string(), 300) + ": expected a folder, found a link or something else",
              "look at who made it; remove it, or choose another place with --store or --registry");
}

void require_no_link_below(const Path& top, const Path& folder) {
  Path path = top;
  for (const Path& part : folder.lexically_relative(top)) require_no_link(path /= part);
}

bool make_private_directory(const Path& path) {
  if (::mkdir(path.c_str(), kPrivateMode) == 0) return true;
  if (errno != EEXIST) fail_system("create", path, errno);
  return false;
}

void sync_directory(const Path& path) {
  const FileDescriptor descriptor(retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!descriptor.is_open()) {
    if (errno == EACCES) return;  // a folder of others that may be entered and not read
    fail_system("open", path, errno);
  }
  const int result = retried([&] { return ::fsync(descriptor.number()); });
  // Some file systems have no such sync and say EINVAL.
  if (result != 0 && errno != EINVAL) fail_system("sync", path, errno);
}

void rename_over(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_system("put a file at", to, errno);
}

bool link_file(const Path& from, const Path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  // All these say that a second name cannot be had here: callers copy the bytes, or do without it.
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case EEXIST:
    case EPERM:  // no links on this file system, or protected_hardlinks
    case EACCES:
    case EMLINK:
    case EXDEV:
    case EOPNOTSUPP:
    case ENOSYS: return false;
    default: fail_system("link", to, errno);
  }
}

void remove_file(const Path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_system("remove", path, errno);
}

void discard_tree(const Path& path) noexcept {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::optional<FileStatus> status_of(const Path& path) {
  struct stat status {};
  // lstat(): a link must not pass for the regular file behind it.
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail_system("look at", path, errno);
  }
  return described(status);
}

std::optional<Bytes> read_file(const Path& path, std::uint64_t most_bytes) {
  std::optional<File> file = File::open_regular(path);
  if (!file) return std::nullopt;
  const std::uint64_t size = file->size();
  // Before memory is taken: a file that somebody has grown costs no more than its kind may have.
  if (size > most_bytes) {
    fail(Fault::corrupt, printable(path.string(), 300), " has ", size, " bytes, at most ", most_bytes, " are allowed");
  }
  Bytes bytes(static_cast<std::size_t>(size));
  bytes.resize(file->read(bytes));
  return bytes;
}

void replace_file(const Path& path, const Path& temporary, ByteView bytes) {
  try {
    // What a crash left under the temporary name is written over: it must not stop the next run.
    File file = File::overwrite(temporary);
    file.write_at(0, bytes);
    // Bytes before the name: after a crash the name must not lead to a file without them.
    file.sync_data();
    rename_over(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  // Without this the rename may be lost after the caller was told that it is done.
  sync_directory(path.parent_path());
}

}  // namespace hallmark::store
