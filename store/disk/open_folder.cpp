// SPDX-License-Identifier: Apache-2.0
#include "store/disk/open_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "store/disk/file_status.h"

namespace hallmark::store {

OpenFolder::OpenFolder(OpenFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFolder::~OpenFolder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<FileStatus> OpenFolder::status_of(const std::string& name) {
  if (descriptor_ < 0) descriptor_ = ::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct stat status {};
  if (descriptor_ >= 0 && ::fstatat(descriptor_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    return described(status);
  }
  // Where something is wrong, the path says it better.
  return store::status_of(path_ / name);
}

}  // namespace hallmark::store
