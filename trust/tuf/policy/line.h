// SPDX-License-Identifier: Apache-2.0
//
// Whether two memories of one repository are about the same trust data: then what one has seen counts for the other.
// A policy may call a trust store otherwise tomorrow, and two stores may ask about one name at servers whose roots have
// nothing to do with each other.
#pragma once

#include <string>

#include "trust/system/question.h"
#include "trust/tuf/update.h"

namespace hallmark::tuf {

/// Whether the two know one root, of today or from before, or those who signed one of them signed one of the other as
/// well. Of an empty memory, or a root that cannot be read, it is not.
bool is_one_line(const std::string& gun, const TrustedMetadata& one, const TrustedMetadata& other);

/// Whether an anchor may know a root of the memory: a pinned key, or the pinned root's signers, signed it, or nothing
/// is pinned. One of its own store always does: update() holds the pins against it, and tells when they have changed.
bool fits(const std::string& gun, const TrustedMetadata& memory, trust::MemoryOf whose, const Anchor& anchor);

/// For stores of kind tuf and for content trust.
const trust::MemoryRules& memory_rules();

}  // namespace hallmark::tuf
