// SPDX-License-Identifier: Apache-2.0
//
// The trust data that an archive carries. Nothing here believes them.
#pragma once

#include <map>
#include <string>

#include "store/archive/archive.h"

namespace hallmark::store {

/// By repository, by file name.
using CarriedTrust = std::map<std::string, std::map<std::string, Bytes>>;

/// Reads what the archive has of it; nothing when it carries none. Fault::corrupt when it is not whole, or more than
/// may be kept in memory.
CarriedTrust carried_trust(const Archive& archive);

}  // namespace hallmark::store
