// SPDX-License-Identifier: Apache-2.0
//
// Whether all that an image needs lies in the folder of a store.
#pragma once

#include <vector>

#include "store/disk/file.h"
#include "store/image/image.h"

namespace hallmark::store {

/// Whether the store has every blob of this manifest, in its size: a look, no hash.
bool has_image(const Path& directory, const Descriptor& manifest);

/// Whether a commit verified these manifests of the root, and all their blobs are still the files that it verified.
bool is_complete(const Path& directory, const Descriptor& root, const std::vector<Descriptor>& manifests);

}  // namespace hallmark::store
