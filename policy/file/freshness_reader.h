// SPDX-License-Identifier: Apache-2.0
//
// What a policy says about time where there is no network, read.
#pragma once

#include "policy/file/stores_reader.h"
#include "policy/freshness.h"
#include "trust/json.h"

namespace hallmark::policy {

/// `keys`: those that "bundleSigners" may name. Fault::usage for what means nothing or leaves a hole.
Freshness read_freshness(const json::Object& object, const SigningKeys& keys);

}  // namespace hallmark::policy
