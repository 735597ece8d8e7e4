// SPDX-License-Identifier: Apache-2.0
//
// The trust data of a name, gathered for somebody who will judge it elsewhere, without this server and this memory.
#pragma once

#include "cmd/admission/admission.h"
#include "store/bundle/bundle.h"

namespace hallmark::cmd {

/// Asks what the plan for the name asks, and adds to `bundle_plan` every file that was needed for the answer, and the
/// older roots for whoever pins one of them. Without a question, what is remembered of the repository goes along while
/// it is good. A repository without trust data is told and adds nothing; any other refusal is thrown.
void add_tuf_evidence(Admission& admission, const registry::Settings& settings, const Reference& name,
                      store::BundlePlan& bundle_plan);

}  // namespace hallmark::cmd
