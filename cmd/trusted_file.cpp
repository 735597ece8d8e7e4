// SPDX-License-Identifier: Apache-2.0
#include "cmd/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;
constexpr std::size_t kPieceBytes = 4096;  // few policies are larger, and each page costs time

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

struct Asked {
  const std::string& what;
  const fs::path& path;

  [[noreturn]] void refuse(const std::string& why) const { fail(Fault::usage, what, ": ", path.string(), ": ", why); }
  [[noreturn]] void refuse_system() const { refuse(std::strerror(errno)); }
};

bool is_open_already(const fs::path& path) {
  const std::string text = path.string();
  return text == "/dev/stdin" || text.starts_with("/dev/fd/") || text.starts_with("/proc/self/fd/");
}

/// Who could put other bytes here.
void check_owner(const Asked& asked, const fs::path& part, const struct stat& status) {
  const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  const bool open_to_others = !S_ISLNK(status.st_mode) && !sticky_folder && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  std::string why;
  if (open_to_others) why = "can be written by others";
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) why = "belongs to user " + std::to_string(status.st_uid);
  if (why.empty()) return;
  throw Error(Fault::usage,
              asked.what + ": " + part.string() + " " + why + "; expected this user or root, and nobody else",
              "chown it and chmod go-w, or pass --insecure-policy-perms");
}

std::deque<fs::path> parts_of(const fs::path& path) { return {path.begin(), path.end()}; }

/// Looks at every folder and link from the root to the file, and leads to its real name.
fs::path walk(const Asked& asked) {
  fs::path here = "/";
  std::deque<fs::path> ahead = parts_of(fs::absolute(asked.path).relative_path());
  for (int links = 0; !ahead.empty();) {
    const fs::path name = ahead.front();
    ahead.pop_front();
    if (name == "..") here = here.parent_path();
    if (name.empty() || name == "." || name == "..") continue;
    const fs::path next = here / name;
    struct stat status {};
    if (::lstat(next.c_str(), &status) != 0) asked.refuse_system();
    check_owner(asked, next, status);
    if (!S_ISLNK(status.st_mode)) {
      here = next;
      continue;
    }
    if (++links > kMostLinks) asked.refuse("too many links on the way");
    const fs::path target = fs::read_symlink(next);
    if (target.is_absolute()) here = "/";
    const std::deque<fs::path> detour = parts_of(target.relative_path());
    ahead.insert(ahead.begin(), detour.begin(), detour.end());
  }
  return here;
}

Bytes read_all(const Asked& asked, const Descriptor& file, std::uint64_t most_bytes) {
  Bytes bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kPieceBytes);
    const ssize_t count = ::read(file.number(), bytes.data() + before, kPieceBytes);
    if (count < 0 && errno != EINTR) asked.refuse_system();
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (bytes.size() > most_bytes) asked.refuse("larger than " + std::to_string(most_bytes) + " bytes");
    if (count == 0) return bytes;
  }
}

}  // namespace

Bytes read_trusted(const std::string& what, const fs::path& path, std::uint64_t most_bytes, bool any_owner) {
  const Asked asked{what, path};
  const bool looked_at = !any_owner && !is_open_already(path);
  const fs::path real = looked_at ? walk(asked) : path;
  // Never wait for a pipe that somebody put there.
  const int number = ::open(real.c_str(), O_RDONLY | O_CLOEXEC | (looked_at ? O_NOFOLLOW | O_NONBLOCK : 0));
  if (number < 0) asked.refuse_system();
  const Descriptor file(number);
  struct stat status {};
  if (::fstat(number, &status) != 0) asked.refuse_system();
  if (S_ISDIR(status.st_mode)) asked.refuse("is a folder");
  if (looked_at) {
    if (!S_ISREG(status.st_mode)) asked.refuse("is no regular file");
    check_owner(asked, real, status);
  }
  return read_all(asked, file, most_bytes);
}

}  // namespace hallmark::cmd
