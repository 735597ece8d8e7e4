// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_words.h"

#include "store/tar/tar_names.h"
#include "trust/error.h"

namespace hallmark::store {

bool is_of_first_format(std::string_view path) {
  const std::string_view folder = parent_of(path);
  // At the root of the tar alone: what lies deeper is content.
  return !folder.empty() && parent_of(folder).empty() && path.substr(folder.size() + 1) == "json";
}

std::optional<Digest> digest_of_path(std::string_view path) {
  if (!path.starts_with(kBlobsFolder)) return std::nullopt;
  std::string text(path.substr(kBlobsFolder.size()));
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  text[slash] = ':';
  try {
    return Digest::parse(text);
  } catch (const Error&) {
    return std::nullopt;  // an extra file
  }
}

std::optional<Digest> digest_promised_by(const std::string& path) {
  if (auto blob = digest_of_path(path)) return blob;
  std::string text = path;
  // How docker calls configs outside of a layout.
  if (text.ends_with(".json")) text = "sha256:" + text.substr(0, text.size() - std::string_view(".json").size());
  try {
    return Digest::parse(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string path_of_blob(const Digest& digest) {
  return std::string(kBlobsFolder) + std::string(digest.algorithm_name()) + "/" + digest.hex();
}

}  // namespace hallmark::store
