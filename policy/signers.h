// SPDX-License-Identifier: Apache-2.0
//
// Who stands behind signed trust data. A key is known by its bare public key: one person's key in two certificates,
// as every repository of Notary v1 makes its own, is still one key.
#pragma once

#include <set>
#include <string>

#include "trust/tuf/update.h"

namespace hallmark::policy {

/// "key:<id>" for the keys of the root, of the top targets role and of the role itself: whoever holds one of them can
/// say what the role says. Empty when the outcome does not tell, and then it counts for nobody.
std::set<std::string> signers_of(const tuf::Outcome& outcome, const std::string& role);

}  // namespace hallmark::policy
