// SPDX-License-Identifier: Apache-2.0
//
// The stores of a policy: whose keys and roots count, everything that they name read.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "policy/policy.h"
#include "trust/bytes.h"
#include "trust/json.h"

namespace hallmark::policy {

using Stores = std::map<std::string, TrustStore>;
using SigningKeys = std::map<std::string, SigningKey>;

/// Reads a file that the policy names (keys, roots). Throws when it cannot.
using ReadFile = std::function<Bytes(const std::string& path)>;

/// Stores of kind tuf, everything they name read.
Stores read_stores(const json::Value& value, const ReadFile& read_file);
/// Those of kind key.
SigningKeys read_keys(const json::Value& value, const ReadFile& read_file);

}  // namespace hallmark::policy
