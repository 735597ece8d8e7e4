// SPDX-License-Identifier: Apache-2.0
//
// What a bundle says that it left out, because another bundle has it.
#pragma once

#include "store/archive/archive.h"
#include "store/store.h"

namespace hallmark::store {

/// Layers that the bundle says it left out are in the store. Fault::missing, E_BLOB_MISSING, names all that are not,
/// and the bundles that have them. They are not hashed here: whoever takes them does that.
void require_left_out(const Archive& archive, const Store& store);

}  // namespace hallmark::store
