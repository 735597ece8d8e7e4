// SPDX-License-Identifier: Apache-2.0
//
// A decision as a record for machines.
#pragma once

#include <string>

#include "policy/circumstances.h"
#include "policy/gate.h"

namespace hallmark::policy {

/// The decision record: one JSON object (schema "urn:hallmark:decision:1") on one line, without a line end.
std::string record(const Gate& gate, const Plan& plan, const Decision& decision, const TrustAnswers& answers,
                   const Circumstances& circumstances);

}  // namespace hallmark::policy
