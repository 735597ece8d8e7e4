// SPDX-License-Identifier: Apache-2.0
//
// What others have said about an image, gathered for a bundle: from the store, where it came in with an earlier bundle,
// and from the registry. It is carried byte for byte and not looked into.
#pragma once

#include "registry/settings.h"
#include "store/bundle/bundle.h"

namespace hallmark::cmd {

/// Adds to `bundle_plan` what the store keeps about its images and what their registries have: every referrer, and what
/// cosign puts under tags. A registry that cannot be asked, or evidence that cannot be carried, is a warning;
/// Fault::corrupt for bytes that are not what they are called.
void add_referring_evidence(const store::Store& store, const registry::Settings& settings,
                            store::BundlePlan& bundle_plan);

}  // namespace hallmark::cmd
