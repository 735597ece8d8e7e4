// SPDX-License-Identifier: Apache-2.0
//
// The way in, after the decision: the layers of an admitted image into quarantine, then the commit.
#pragma once

#include <vector>

#include "cmd/admission/admission.h"
#include "cmd/terminal/progress.h"

namespace hallmark::cmd {

/// Layers into quarantine, several at once, then commit(). Needs the approval.
void bring_in(Desk& desk, Judged& judged, const PlatformChoice& platforms, store::Source& source, Progress& progress);

/// Every layer once, in the order of the manifests.
std::vector<store::Descriptor> layers_of(const Image& image);

}  // namespace hallmark::cmd
