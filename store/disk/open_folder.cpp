// SPDX-License-Identifier: Apache-2.0
#include "store/disk/open_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/disk/file.h"

namespace hallmark::store {

std::optional<FileStatus> OpenFolder::status_of(const std::string& name) {
  if (!descriptor_.is_open()) {
    // O_PATH: a folder that may be entered and not listed is enough.
    descriptor_ = FileDescriptor(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  struct stat status {};
  if (descriptor_.is_open() && ::fstatat(descriptor_.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    return described(status);
  }
  // Where something is wrong, the path says it better.
  return store::status_of(path_ / name);
}

}  // namespace hallmark::store
