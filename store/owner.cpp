// SPDX-License-Identifier: Apache-2.0
#include "store/owner.h"

#include <sys/stat.h>
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

std::string trouble_of(const Path& part, const struct stat& status) {
  const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  // What is written to a link, a device or a pipe is not what stands in a file.
  const bool keeps_bytes = S_ISDIR(status.st_mode) || S_ISREG(status.st_mode);
  const std::string shown = printable(part.string(), 300);
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return shown + " belongs to user " + std::to_string(status.st_uid);
  }
  // Where each user has a group of their own, its members are this user; umask 002 is usual there.
  const bool is_own_group = status.st_uid != 0 && status.st_gid == ::getegid() && status.st_gid == status.st_uid;
  const mode_t others = is_own_group ? S_IWOTH : S_IWGRP | S_IWOTH;
  if (keeps_bytes && !sticky_folder && (status.st_mode & others) != 0) {
    return shown + " can be written by others";
  }
  return {};
}

Way way_to_descriptor(const Path& path, int number) {
  struct stat status {};
  if (::fstat(number, &status) != 0) refuse_system(path);
  const bool is_stream = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
  return {path, true, is_stream ? std::string() : trouble_of(path, status)};
}

class Walk {
 public:
  explicit Walk(const Path& path) : asked_(path) {
    const Path whole = fs::absolute(path).relative_path();
    ahead_.assign(whole.begin(), whole.end());
  }

  Way run() {
    static_cast<void>(look_at(here_));
    while (!ahead_.empty()) {
      const Path name = ahead_.front();
      ahead_.pop_front();
      if (name == "..") here_ = here_.parent_path();
      if (!name.empty() && name != "." && name != "..") step(here_ / name);
    }
    return {std::move(here_), false, std::move(trouble_)};
  }

 private:
  [[nodiscard]] struct stat look_at(const Path& part) {
    struct stat status {};
    if (::lstat(part.c_str(), &status) != 0) refuse_system(asked_);
    if (trouble_.empty()) trouble_ = trouble_of(part, status);
    return status;
  }

  void step(const Path& next) {
    const struct stat status = look_at(next);
    if (!S_ISLNK(status.st_mode)) {
      here_ = next;
      return;
    }
    if (++links_ > kMostLinks) refuse(asked_, "too many links on the way");
    std::error_code error;
    const Path target = fs::read_symlink(next, error);
    if (error) refuse(asked_, error.message());
    if (target.is_absolute()) here_ = "/";
    const Path detour = target.relative_path();
    ahead_.insert(ahead_.begin(), detour.begin(), detour.end());
  }

  const Path& asked_;
  Path here_ = "/";
  std::deque<Path> ahead_;
  std::string trouble_;
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

void require_own_below(std::string_view what, const Path& folder, const Path& path) {
  for (Path part = path;; part = part.parent_path()) {
    struct stat status {};
    // The folder itself may be reached by a link.
    const int result = part == folder ? ::stat(part.c_str(), &status) : ::lstat(part.c_str(), &status);
    if (result == 0) require_none(what, trouble_of(part, status));
    if (part == folder || part == part.parent_path()) return;
  }
}

}  // namespace hallmark::store
