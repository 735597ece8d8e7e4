// SPDX-License-Identifier: Apache-2.0
//
// The manifest that the store has of an image whose archive has none.
#pragma once

#include <optional>

#include "store/archive/archive.h"
#include "store/store.h"
#include "trust/digest.h"

namespace hallmark::store {

/// A manifest whose config is this, of an entry all of which is here, but not the one that was made of the archive;
/// that which has a name of it before others. Absent when there is none.
std::optional<StoredManifest> stored_manifest(const Store& store, const Digest& id, const ArchiveImage& made);

}  // namespace hallmark::store
