// SPDX-License-Identifier: Apache-2.0
//
// Bundles that build on others: what the others have is left out, and must be in the store of whoever loads them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cmd/admission/admission.h"
#include "store/archive/archive.h"

namespace hallmark::cmd {

/// All that the bundles have, or say that one has on which they build: by digest, the statement of that bundle. Only
/// their documents are read. Fault::usage for an archive that says nothing about what it has.
std::map<Digest, Digest> blobs_of_bases(const Desk& desk, const std::vector<std::string>& bundles);

/// Layers that the bundle says it left out are in the store. Fault::missing, E_BLOB_MISSING, names all that are not,
/// and the bundles that have them. They are not hashed here: whoever takes them does that.
void require_left_out(const store::Archive& archive, const store::Store& store);

}  // namespace hallmark::cmd
