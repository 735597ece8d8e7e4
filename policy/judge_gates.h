// SPDX-License-Identifier: Apache-2.0
//
// What the gates of a requirement say about a subject: one finding a gate, all of them asked.
#pragma once

#include "policy/decision.h"
#include "policy/gates.h"
#include "policy/waivers.h"

namespace hallmark::policy {

/// Fills the finding. Without a subject, or without the config of an image, what needs it is `skipped`: the gates are
/// then asked again. A failed gate whose group is waived says by what, and does not fail the finding.
/// `asked`: the name as a person typed it.
void judge_gates(const Gates& gates, const Reference& asked, const Subject* subject, const Waivers& waivers, Time now,
                 Finding& finding);

}  // namespace hallmark::policy
