// SPDX-License-Identifier: Apache-2.0
//
// Where things lie in the folder of a store.
#pragma once

#include <optional>
#include <string>

#include "store/disk/file.h"
#include "trust/digest.h"

namespace hallmark::store {

/// image-spec, image-layout.md, "Blobs": by the digest, whatever kind of blob it is.
Path blob_path(const Path& directory, const Digest& digest);
Path blob_folder(const Path& directory, const Digest& digest);
/// blob_path() from the folder of the store: "blobs/sha256/...".
std::string blob_name(const Digest& digest);
Path own_folder(const Path& directory);      ///< ".hallmark": nothing in it is part of the layout
Path staging_folder(const Path& directory);  ///< holds a folder for each run that is under way
Path kept_folder(const Path& directory);     ///< what interrupted pulls had received (kept_blobs.h)
/// "sha256-...": a blob in one of these folders.
std::string blob_file_name(const Digest& digest);
/// The blob that a file of such a name has, or is to have; nothing for any other name.
std::optional<Digest> digest_of_file(std::string name);
/// What becomes index.json when it is whole; the lock makes a fixed name safe.
Path new_index_path(const Path& directory);
/// StoreLock holds it while the store is changed.
Path lock_path(const Path& directory);

}  // namespace hallmark::store
