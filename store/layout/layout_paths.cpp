// SPDX-License-Identifier: Apache-2.0
#include "store/layout/layout_paths.h"

namespace hallmark::store {

Path blob_folder(const Path& directory, const Digest& digest) {
  return directory / std::string("blobs/").append(digest.algorithm_name());
}
Path blob_path(const Path& directory, const Digest& digest) { return directory / blob_name(digest); }
std::string blob_name(const Digest& digest) {
  return std::string("blobs/").append(digest.algorithm_name()).append("/").append(digest.hex());
}
Path own_folder(const Path& directory) { return directory / ".hallmark"; }
Path staging_folder(const Path& directory) { return own_folder(directory) / "staging"; }
Path new_index_path(const Path& directory) { return own_folder(directory) / "index.json.new"; }
Path lock_path(const Path& directory) { return own_folder(directory) / "lock"; }

}  // namespace hallmark::store
