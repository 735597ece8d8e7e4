// SPDX-License-Identifier: Apache-2.0
//
// A decision as a record for machines.
#pragma once

#include <string>

#include "policy/gate.h"
#include "policy/judgement.h"

namespace hallmark::policy {

/// The decision record: one JSON object (schema "urn:hallmark:decision:1") on one line, without a line end.
std::string record(const Gate& gate, const Judgement& judgement);
/// The same, which says that the commit follows: it is written before.
/// When the commit fails all the same, record() of the decision that revoke() changed follows under the same id.
std::string record_ahead(const Gate& gate, const Judgement& judgement);

}  // namespace hallmark::policy
