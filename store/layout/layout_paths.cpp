// SPDX-License-Identifier: Apache-2.0
#include "store/layout/layout_paths.h"

#include "trust/error.h"

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
Path kept_folder(const Path& directory) { return own_folder(directory) / "kept"; }
std::string blob_file_name(const Digest& digest) {
  return std::string(digest.algorithm_name()).append("-").append(digest.hex());
}
std::optional<Digest> digest_of_file(std::string name) {
  const std::size_t dash = name.find('-');
  if (dash == std::string::npos) return std::nullopt;
  name[dash] = ':';
  try {
    return Digest::parse(name);
  } catch (const Error&) {
    return std::nullopt;
  }
}
Path new_index_path(const Path& directory) { return own_folder(directory) / "index.json.new"; }
Path lock_path(const Path& directory) { return own_folder(directory) / "lock"; }

}  // namespace hallmark::store
