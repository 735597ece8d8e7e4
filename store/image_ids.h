// SPDX-License-Identifier: Apache-2.0
//
// Entries of the store by what docker calls an image: the digest of its config.
#pragma once

#include <vector>

#include "store/store.h"
#include "trust/digest.h"

namespace hallmark::store {

/// The manifests of the entry that are here, in the order in which they were brought in.
/// Fault::corrupt when the index lists none of them, Fault::missing when it is gone.
std::vector<Descriptor> manifests_of(const Store& store, const Entry& entry);

/// What docker calls the image of a manifest.
/// Fault::missing or Fault::corrupt as Store::read() has them.
Digest id_of(const Store& store, const Descriptor& manifest);

/// Every entry that has an image of this id. Entries that cannot be read have none.
std::vector<Entry> entries_of(const Store& store, const Digest& id);

}  // namespace hallmark::store
