// SPDX-License-Identifier: Apache-2.0
#include "store/disk/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "store/disk/file_descriptor.h"
#include "store/disk/owner.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 4096;  // few policies are larger, and each page costs time

struct Asked {
  const std::string& what;
  const fs::path& path;

  [[noreturn]] void refuse(const std::string& why) const {
    fail(Fault::usage, what, ": ", printable(path.string(), 300), ": ", why);
  }
  [[noreturn]] void refuse_system() const { refuse(std::strerror(errno)); }
};

Bytes read_all(const Asked& asked, const FileDescriptor& file, std::uint64_t most_bytes) {
  Bytes bytes;
  // To its end and not by its size: a pipe has none.
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kPieceBytes);
    const ssize_t count = ::read(file.number(), bytes.data() + before, kPieceBytes);
    if (count < 0 && errno != EINTR) asked.refuse_system();
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    // After each piece, so that a pipe without end stops here too.
    if (bytes.size() > most_bytes) asked.refuse("larger than " + std::to_string(most_bytes) + " bytes");
    if (count == 0) return bytes;
  }
}

}  // namespace

Bytes read_trusted(const std::string& what, const fs::path& path, std::uint64_t most_bytes, bool any_owner) {
  const Asked asked{what, path};
  if (path.empty()) asked.refuse("expected the name of a file, found nothing");
  Way way{path, true, {}};
  // Before the file is opened: the way that is found has no link in it that somebody could turn meanwhile.
  if (!any_owner) way = within(what, [&] { return way_to(path); });
  if (!way.trouble.empty()) {
    throw Error(Fault::usage, what + ": " + way.trouble + "; expected this user or root, and nobody else",
                "chown it and chmod go-w, or pass --insecure-policy-perms");
  }
  // Never wait for a pipe that somebody put there.
  const int number = ::open(way.real.c_str(), O_RDONLY | O_CLOEXEC | (way.is_descriptor ? 0 : O_NOFOLLOW | O_NONBLOCK));
  if (number < 0) asked.refuse_system();
  const FileDescriptor file(number);
  struct stat status {};
  if (::fstat(number, &status) != 0) asked.refuse_system();
  if (S_ISDIR(status.st_mode)) asked.refuse("is a folder");
  // What a device or a pipe says is not what was looked at. Of an open descriptor whoever started us has answered for
  // it.
  if (!way.is_descriptor && !S_ISREG(status.st_mode)) asked.refuse("is no regular file");
  return read_all(asked, file, most_bytes);
}

}  // namespace hallmark::store
