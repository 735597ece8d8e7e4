// SPDX-License-Identifier: Apache-2.0
//
// In which roles a tag is signed.
#pragma once

#include <string>
#include <vector>

#include "cmd/publishing/publisher.h"

namespace hallmark::cmd {

/// As docker does: the delegations of the first level whose keys are here and that may name the tag, or "targets" when
/// there are no delegations. One that asks for more keys than are here is left out, with a warning, as long as another
/// one is signed: whoever signs with others still signs as himself. Fault::missing when there is none.
/// `named`: these and no others; Fault::missing for one that the repository does not have, or that may not name the
/// tag.
std::vector<std::string> signing_roles(const Publisher& publisher, const tuf::Draft& draft, const tuf::Repository* now,
                                       const std::string& tag, const std::vector<std::string>& named);

}  // namespace hallmark::cmd
