// SPDX-License-Identifier: Apache-2.0
//
// What may go past a gate, and where it is written down, read. Anything else is Fault::usage.
#pragma once

#include <vector>

#include "policy/waivers.h"
#include "trust/json.h"

namespace hallmark::policy {

/// Each has an id of its own. One that has ended loads, and waives nothing any more.
std::vector<Exception> read_exceptions(const json::Value& value);
/// It loads without "waivable" and without a file for its record, and waives nothing then.
BreakGlass read_break_glass(const json::Value& value);
/// A record that is required has to have a file.
Audit read_audit(const json::Value& value);

}  // namespace hallmark::policy
