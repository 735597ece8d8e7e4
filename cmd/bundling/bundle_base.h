// SPDX-License-Identifier: Apache-2.0
//
// Bundles that build on others: what the others have is left out, and must be in the store of whoever loads them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cmd/admission/terms.h"
#include "trust/digest.h"

namespace hallmark::cmd {

/// All that the bundles have, or say that one has on which they build: by digest, the statement of that bundle. Only
/// their documents are read. Fault::usage for an archive that says nothing about what it has.
std::map<Digest, Digest> blobs_of_bases(const Terms& terms, const std::vector<std::string>& bundles);

}  // namespace hallmark::cmd
