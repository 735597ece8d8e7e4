// SPDX-License-Identifier: Apache-2.0
//
// A folder that is held open, for many looks at what lies in it: none of them walks the folder's own path again.
#pragma once

#include <optional>
#include <string>

#include "store/disk/file.h"

namespace hallmark::store {

/// Who looks at the verified files of a long list looks at thousands of blobs, each time from this folder on.
class OpenFolder {
 public:
  /// A folder that is not there holds nothing; it is looked for again at the next look.
  explicit OpenFolder(Path path) : path_(std::move(path)) {}

  /// As store::status_of(), of a path in the folder.
  [[nodiscard]] std::optional<FileStatus> status_of(const std::string& name);

 private:
  Path path_;
  FileDescriptor descriptor_;
};

}  // namespace hallmark::store
