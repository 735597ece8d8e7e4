// SPDX-License-Identifier: Apache-2.0
//
// What refers to an image: signatures, SBOMs (distribution-spec 1.1, "Listing Referrers"), where the registry has a
// list of its own and where clients keep one under a tag.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/repository.h"
#include "registry/server/session.h"

namespace hallmark::registry {

/// What the registry lists, all pages; absent when it has no such list. Fails fast: this is asked of registries that
/// one can do without.
std::optional<std::vector<store::Descriptor>> list_referrers(Session& session, const std::string& path,
                                                             const Digest& subject);

/// What clients list under the tag of the subject, none when there is no such tag.
std::vector<store::Descriptor> tagged_referrers(Repository& repository, const Digest& subject);

}  // namespace hallmark::registry
