// SPDX-License-Identifier: Apache-2.0
#include "store/disk/owner.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <deque>
#include <optional>
#include <system_error>

#include "trust/error.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

/// As many as the kernel follows: more of them are a circle.
constexpr int kMostLinks = 40;

[[noreturn]] void refuse(const Path& path, const std::string& why) {
  fail(Fault::usage, printable(path.string(), 300), ": ", why);
}

[[noreturn]] void refuse_system(const Path& path) { refuse(path, std::generic_category().message(errno)); }

/// Only a number behind the folder: "/dev/fd/../x" is a path like any other.
std::optional<int> descriptor_of(const Path& path) {
  std::string_view text = path.native();
  if (text == "/dev/stdin") return STDIN_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!text.starts_with(folder)) continue;
    text.remove_prefix(folder.size());
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number >= 0) return number;
  }
  return std::nullopt;
}

/// What lists who else may write it; the bits of the group are then only the most of what it allows. A question that is
/// not answered counts as yes.
bool has_list(const Path& part, int descriptor) {
  constexpr const char* kList = "system.posix_acl_access";
  const ssize_t size =
      // By its name the link itself is looked at; what it leads to is the next step of the walk.
      descriptor < 0 ? ::lgetxattr(part.c_str(), kList, nullptr, 0) : ::fgetxattr(descriptor, kList, nullptr, 0);
  return size >= 0 || (errno != ENODATA && errno != ENOTSUP);
}

/// In a user namespace the folders of the machine's root belong to a user who stands for all that are not told. So they
/// are known by their names: those at the top, and the system's own below them.
bool is_roots_folder(const Path& part, const struct stat& status) {
  const std::string name = part.lexically_normal().string();
  const bool is_of_system =
      name.find('/', 1) == std::string::npos || name.starts_with("/usr/") || name.starts_with("/etc/");
  struct stat root {};
  // Whoever owns "/" is who root is in this namespace.
  return is_of_system && S_ISDIR(status.st_mode) && ::stat("/", &root) == 0 && status.st_uid == root.st_uid;
}

/// `descriptor`: by which it is open; -1 for what is looked at by its name.
std::string trouble_of(const Path& part, const struct stat& status, int descriptor = -1) {
  // In a sticky folder, such as /tmp, only the owner of a name can rename or remove it, and that owner is looked at
  // next.
  const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  // What is written to a link, a device or a pipe is not what stands in a file.
  const bool keeps_bytes = S_ISDIR(status.st_mode) || S_ISREG(status.st_mode);
  const std::string shown = printable(part.string(), 300);
  if (status.st_uid != 0 && status.st_uid != ::geteuid() && !is_roots_folder(part, status)) {
    return shown + " belongs to user " + std::to_string(status.st_uid);
  }
  // Where each user has a group of their own, its members are this user; umask 002 is usual there.
  const bool is_own_group = status.st_uid != 0 && status.st_gid == ::getegid() && status.st_gid == status.st_uid;
  const bool by_group = (status.st_mode & S_IWGRP) != 0 && (!is_own_group || has_list(part, descriptor));
  if (keeps_bytes && !sticky_folder && (by_group || (status.st_mode & S_IWOTH) != 0)) {
    return shown + " can be written by others";
  }
  return {};
}

Way way_to_descriptor(const Path& path, int number) {
  struct stat status {};
  if (::fstat(number, &status) != 0) refuse_system(path);
  // Whoever started this program opened it; the mode of a pipe or a socket says nothing of who writes into it.
  const bool is_stream = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
  return {path, true, is_stream ? std::string() : trouble_of(path, status, number)};
}

/// Links of /proc lead to what a process has, in its own mounts too, whatever their text says; then what was looked at
/// is not what is opened.
bool is_same(const Path& left, const Path& right) {
  struct stat of_left {};
  struct stat of_right {};
  const bool has_left = ::stat(left.c_str(), &of_left) == 0;
  const bool has_right = ::stat(right.c_str(), &of_right) == 0;
  // Both are missing where a link leads nowhere, and a walk may end there.
  if (!has_left || !has_right) return has_left == has_right;
  return of_left.st_dev == of_right.st_dev && of_left.st_ino == of_right.st_ino;
}

class Walk {
 public:
  /// `may_end_early`: what is missing is the end of the way, and no fault.
  explicit Walk(const Path& path, bool may_end_early = false) : asked_(path), may_end_early_(may_end_early) {
    const Path whole = fs::absolute(path).relative_path();
    ahead_.assign(whole.begin(), whole.end());
  }

  Way run() {
    // The root as well: whoever could write there could exchange everything below.
    static_cast<void>(look_at(here_));
    while (!ahead_.empty()) {
      const Path name = ahead_.front();
      ahead_.pop_front();
      // No link stands in here_ any more, so that its parent by name is its parent on the disk.
      if (name == "..") here_ = here_.parent_path();
      if (!name.empty() && name != "." && name != "..") step(here_ / name);
    }
    // A mount of another process may lie below a link that leads where it says.
    require_same(asked_, here_);
    return {std::move(here_), false, std::move(trouble_)};
  }

  [[nodiscard]] bool passes_process() const { return passes_process_; }

 private:
  [[nodiscard]] struct stat look_at(const Path& part) {
    struct stat status {};
    if (::lstat(part.c_str(), &status) != 0) {
      // ENOENT alone: a folder that may not be entered is no missing one.
      if (!may_end_early_ || errno != ENOENT) refuse_system(asked_);
      ahead_.clear();
      return status;
    }
    if (trouble_.empty()) trouble_ = trouble_of(part, status);
    return status;
  }

  void require_same(const Path& path, const Path& found) const {
    if (!is_same(path, found))
      refuse(asked_, printable(path.string(), 300) + " leads somewhere else than its links say");
  }

  void note_link(const Path& link) {
    struct statfs system {};
    // A file system that cannot be asked counts as that of processes.
    passes_process_ = passes_process_ || ::statfs(link.parent_path().c_str(), &system) != 0 ||
                      static_cast<unsigned long>(system.f_type) == PROC_SUPER_MAGIC;
    if (++links_ > kMostLinks) refuse(asked_, "too many links on the way");
  }

  void step(const Path& next) {
    const struct stat status = look_at(next);
    if (!S_ISLNK(status.st_mode)) {
      here_ = next;
      return;
    }
    note_link(next);
    std::error_code error;
    const Path target = fs::read_symlink(next, error);
    if (error) refuse(asked_, error.message());
    // Before its text is followed: a link of /proc leads to what a process has open, whatever text it shows.
    require_same(next, here_ / target);
    if (target.is_absolute()) here_ = "/";
    const Path detour = target.relative_path();
    ahead_.insert(ahead_.begin(), detour.begin(), detour.end());
  }

  const Path& asked_;
  bool may_end_early_;
  Path here_ = "/";
  std::deque<Path> ahead_;
  std::string trouble_;
  bool passes_process_ = false;
  int links_ = 0;
};

void require_none(std::string_view what, const std::string& trouble) {
  if (trouble.empty()) return;
  throw Error(Fault::usage, std::string(what) + ": " + trouble + "; expected this user or root, and nobody else",
              "chown it and chmod go-w; in a container name a folder that is yours, with DOCKER_CONFIG or --store");
}

}  // namespace

bool is_descriptor(const Path& path) { return descriptor_of(path).has_value(); }

Way way_to(const Path& path) {
  if (const auto number = descriptor_of(path)) return way_to_descriptor(path, *number);
  return Walk(path).run();
}

bool leads_through_process(const Path& path) {
  Walk walk(path);
  try {
    static_cast<void>(walk.run());
  } catch (const Error&) {
    // Nothing is there, or such a link leads elsewhere than it says.
  }
  return walk.passes_process();
}

std::string trouble_at(const Path& path) {
  Path there = path;
  std::error_code error;
  // A link that leads nowhere is there.
  while (fs::symlink_status(there, error).type() == fs::file_type::not_found && there != there.parent_path()) {
    there = there.has_parent_path() ? there.parent_path() : Path(".");
    if (there == ".") break;
  }
  return way_to(there).trouble;
}

void make_private_directories(const Path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return;
  // From the top down, each 0700: what is made in it cannot be exchanged by others meanwhile.
  if (path.has_parent_path() && path.parent_path() != path) make_private_directories(path.parent_path());
  if (make_private_directory(path)) return sync_directory(path.has_parent_path() ? path.parent_path() : Path("."));
  // A path that ends in a slash has its folder twice; another run may have been faster.
  if (!fs::is_directory(path, error)) {
    fail(Fault::local, "cannot create ", printable(path.string(), 300), ": its name is taken");
  }
}

void require_own(std::string_view what, const Path& path) { require_none(what, trouble_at(path)); }

void require_own_file(std::string_view what, const Path& path) {
  require_none(what, within(std::string(what), [&] { return way_to(path).trouble; }));
}

void require_own_entries(std::string_view what, const Path& folder) {
  require_own(what, folder);
  std::error_code error;
  fs::directory_iterator at(folder, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return;
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const Path path = at->path();
    // A link that leads nowhere is followed as far as it goes: somebody could make what it leads to.
    require_none(what, within(std::string(what), [&] { return Walk(path, true).run().trouble; }));
  }
  // Files may be opened by their names where these cannot be listed.
  if (error) fail(Fault::usage, what, ": ", printable(folder.string(), 300), ": ", error.message());
}

void require_own_below(std::string_view what, const Path& folder, const Path& path) {
  const Path top = folder.has_filename() ? folder : folder.parent_path();  // without the slash at its end
  for (Path part = path;; part = part.parent_path()) {
    struct stat status {};
    // The folder itself may be reached by a link.
    const int result = part == top ? ::stat(part.c_str(), &status) : ::lstat(part.c_str(), &status);
    // What is missing belongs to nobody; who could make it shows in the folder above, which is next.
    if (result == 0) require_none(what, trouble_of(part, status));
    if (part == top || part == part.parent_path()) return;
  }
}

}  // namespace hallmark::store
