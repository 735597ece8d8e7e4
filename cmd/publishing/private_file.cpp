// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>

#include "store/disk/file.h"
#include "store/disk/file_descriptor.h"
#include "store/disk/owner.h"
#include "trust/crypto/secret.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// Of one key file or a bundle of many.
constexpr std::size_t kMostKeyFileBytes = std::size_t{1} << 20U;

std::string shown(const fs::path& path) { return printable(path.string(), 300); }

[[noreturn]] void fail_system(const char* what, const fs::path& path, int error) {
  fail(Fault::local, what, " ", shown(path), ": ", std::generic_category().message(error));
}

std::string random_suffix() {
  std::random_device device;
  Bytes raw(8);
  for (auto& byte : raw) byte = static_cast<std::uint8_t>(device());
  return hex_of(raw);
}

void write_all(int descriptor, const fs::path& path, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("write", path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  // A root key that a crash takes away cannot be made again.
  if (fsync(descriptor) != 0) fail_system("sync", path, errno);
}

bool is_there(const fs::path& path) { return store::status_of(path).has_value(); }

[[noreturn]] void refuse_taken(const fs::path& path) {
  throw Error(Fault::usage, "file already exists: \"" + shown(path) + "\"",
              "nothing was written over it; move it away, or choose another name");
}

/// Gets its name when it is whole: whatever happens, no half of a key file lies anywhere. False where the file system
/// has no files without a name.
bool write_nameless(const fs::path& folder, const fs::path& path, ByteView bytes) {
  // A kill leaves nothing of a file that has no name.
  const store::FileDescriptor file(open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.number() < 0) {
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return false;
    fail_system("create", path, errno);
  }
  write_all(file.number(), path, bytes);
  const std::string nameless = "/proc/self/fd/" + std::to_string(file.number());
  if (linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
  // linkat() replaces nothing: of two runs that save one key the second is told.
  if (errno == EEXIST) refuse_taken(path);
  return false;  // no /proc, no links
}

/// A usual rename would take the place of what came there meanwhile, and a link is not to be had everywhere.
void give_name(const fs::path& temporary, const fs::path& path) {
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return;
  if (errno == EEXIST) refuse_taken(path);
  // Some file systems of other machines have links and no such rename.
  if (errno != EINVAL && errno != ENOSYS) fail_system("rename", path, errno);
  if (!store::link_file(temporary, path)) {
    if (is_there(path)) refuse_taken(path);
    throw Error(Fault::local,
                "this file system cannot name " + shown(path) + " without the danger of writing over another file",
                "choose a folder on another file system");
  }
  store::remove_file(temporary);
}

void write_named(const fs::path& folder, const fs::path& path, ByteView bytes) {
  const fs::path temporary = folder / ("." + path.filename().string() + "." + random_suffix());
  try {
    const store::FileDescriptor file(
        // O_EXCL: nothing that somebody put there first is written through.
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.number() < 0) fail_system("create", path, errno);
    write_all(file.number(), path, bytes);
    give_name(temporary, path);
  } catch (...) {
    store::discard_tree(temporary);
    throw;
  }
}

}  // namespace

void write_private_file(const fs::path& path, ByteView bytes) {
  if (is_there(path)) refuse_taken(path);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!write_nameless(folder, path, bytes)) write_named(folder, path, bytes);
  store::sync_directory(folder);
}

Bytes read_private_file(const fs::path& path) {
  // A pipe in its place must not hold this up; it is refused below.
  const store::FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) {
    const int error = errno;
    if (error == ENOENT) fail(Fault::missing, shown(path), ": no such file");
    fail_system("open", path, error);
  }
  struct stat status {};
  if (fstat(file.number(), &status) != 0) fail_system("look at", path, errno);
  if (!S_ISREG(status.st_mode)) fail(Fault::usage, shown(path), " is no file");
  // As ssh has it: a key that others could read may be theirs already.
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error(Fault::usage, "private key file " + shown(path) + " must not be readable or writable by others",
                "chmod 600 it, and think about who may have read it");
  }
  // A key that somebody else put there would sign for this user.
  store::require_own_file("private key file", path);
  // One more than may be there tells a file that is too large. It never grows: growing leaves copies of keys in memory.
  Bytes bytes(kMostKeyFileBytes + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = read(file.number(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("read", path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > kMostKeyFileBytes) {
    crypto::wipe(bytes);
    fail(Fault::usage, shown(path), " has more than ", kMostKeyFileBytes, " bytes: no key file");
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace hallmark::cmd
