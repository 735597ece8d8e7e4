// SPDX-License-Identifier: Apache-2.0
//
// What `policy check` remarks on a policy that can be used.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace hallmark::policy {

/// Dead scopes, wider scopes that a narrower one shadows, unsupported requirements, pins that cover much.
std::vector<std::string> remarks_on(const Policy& policy);

}  // namespace hallmark::policy
