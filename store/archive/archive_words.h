// SPDX-License-Identifier: Apache-2.0
//
// What files and annotations of an archive of images are called: image-spec 1.1, image-layout.md; docker's image
// specification v1.2; docs/bundle.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/image/layout_names.h"
#include "trust/digest.h"

namespace hallmark::store {

/// Docker's list of images, and the list of names of its first format.
constexpr std::string_view kDockerFile = "manifest.json";
constexpr std::string_view kRepositoriesFile = "repositories";
constexpr std::string_view kBlobsFolder = "blobs/";

/// Of an entry of index.json: what is about an image and is none, as containerd marks it.
constexpr const char* kAbout = "io.containerd.manifest.subject";

/// Whether a loader of images looks for a file of this name.
constexpr bool is_document(std::string_view name) {
  return name == kIndexFile || name == kLayoutFile || name == kDockerFile || name == kRepositoriesFile;
}

/// "FOLDER/json", which stands for an image in docker's first format.
bool is_of_first_format(std::string_view path);

/// "blobs/sha256/<hex>"; absent for every other path.
std::optional<Digest> digest_of_path(std::string_view path);
/// "<64 hex>.json", "sha256:<hex>", "blobs/sha256/<hex>": the digest that the name of a config promises.
std::optional<Digest> digest_promised_by(const std::string& path);
/// Where a layout has the blob of this digest.
std::string path_of_blob(const Digest& digest);

}  // namespace hallmark::store
