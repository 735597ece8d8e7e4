// SPDX-License-Identifier: Apache-2.0
//
// A folder for one run of a fuzzer, in memory where the machine has such a place.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "trust/error.h"

namespace hallmark::fuzz {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::is_directory("/dev/shm") ? std::filesystem::path("/dev/shm")
                                                                  : std::filesystem::temp_directory_path()) /
                       "hallmark-fuzz.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) fail(Fault::local, "no folder ", name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace hallmark::fuzz
