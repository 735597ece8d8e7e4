// SPDX-License-Identifier: Apache-2.0
//
// What may go past a gate, and where it is written down, read. Anything else is Fault::usage.
#pragma once

#include <vector>

#include "policy/waivers.h"
#include "trust/json.h"

namespace hallmark::policy {

std::vector<Exception> read_exceptions(const json::Value& value);
BreakGlass read_break_glass(const json::Value& value);
Audit read_audit(const json::Value& value);

}  // namespace hallmark::policy
