// SPDX-License-Identifier: Apache-2.0
//
// The stores of a policy: whose keys and roots count, everything that they name read.
#pragma once

#include <map>
#include <string>

#include "policy/freshness.h"
#include "trust/json.h"
#include "trust/system/system.h"

namespace hallmark::policy {

using SigningKeys = std::map<std::string, SigningKey>;

/// Those of trust systems.
/// Each file that a store names is read now, so that no pull meets another one.
trust::Stores read_stores(const json::Value& value, const trust::ReadFile& read_file);
/// Those of kind key, which sign bundles.
SigningKeys read_keys(const json::Value& value, const trust::ReadFile& read_file);

}  // namespace hallmark::policy
