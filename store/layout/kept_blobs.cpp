// SPDX-License-Identifier: Apache-2.0
#include "store/layout/kept_blobs.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <system_error>
#include <vector>

#include "store/layout/layout_paths.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

struct KeptFile {
  Path path;
  fs::file_time_type written;
  std::uint64_t size;
};

std::vector<KeptFile> files_in(const Path& folder) {
  std::vector<KeptFile> files;
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end; item.increment(error)) {
    const auto status = status_of(item->path());
    std::error_code gone;  // another run may take it meanwhile
    const auto written = fs::last_write_time(item->path(), gone);
    if (status && status->is_regular && !gone) files.push_back({item->path(), written, status->size});
  }
  return files;
}

}  // namespace

KeptBlobs::KeptBlobs(const Path& store_directory)
    : folder_(kept_folder(store_directory)), runs_(staging_folder(store_directory)) {}

bool KeptBlobs::take(const Digest& digest, const Path& path) const {
  // A link in the place of the folder would have files of others moved.
  const auto status = status_of(folder_ / blob_file_name(digest));
  if (!status || !status->is_regular || status->names != 1) return false;
  require_no_link(folder_);
  std::error_code error;
  fs::rename(folder_ / blob_file_name(digest), path, error);
  return !error;  // else another run was faster
}

void KeptBlobs::keep(const Digest& digest, const Path& path) const noexcept {
  try {
    const auto given = status_of(path);
    const auto present = status_of(folder_ / blob_file_name(digest));
    const bool is_worth_it = given && given->is_regular && given->names == 1 && given->size >= kLeastBytes &&
                             (!present || present->size < given->size);
    if (is_worth_it) {
      require_no_link(folder_);
      static_cast<void>(make_private_directory(folder_));
      // Room that was set aside behind its end goes.
      fs::resize_file(path, given->size);
      fs::rename(path, folder_ / blob_file_name(digest));
      trim(kMostBytes);
    }
  } catch (const std::exception&) {
    // What cannot be kept is fetched again.
    discard_tree(path);
    return;
  }
  discard_tree(path);
}

void KeptBlobs::keep_all_of(const Path& folder) const noexcept {
  try {
    for (const KeptFile& file : files_in(folder)) {
      if (const auto digest = digest_of_file(file.path.filename().string())) keep(*digest, file.path);
    }
  } catch (const std::exception&) {
    return;  // the folder is swept all the same
  }
}

void KeptBlobs::trim(std::uint64_t most_bytes) const noexcept {
  try {
    if (!status_of(folder_)) return;
    require_no_link(folder_);
    std::vector<KeptFile> files = files_in(folder_);
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.written > b.written; });
    // By the clock of the file system that has the files: each run makes its folder there, and removes it.
    const auto oldest = fs::last_write_time(runs_) - std::chrono::hours(24 * kMostDays);
    std::uint64_t bytes = 0;
    for (const KeptFile& file : files) {
      bytes += file.size;
      if (bytes > most_bytes || file.written < oldest) remove_file(file.path);
    }
  } catch (const std::exception&) {
    return;  // the next run trims
  }
}

}  // namespace hallmark::store
