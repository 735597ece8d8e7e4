// SPDX-License-Identifier: Apache-2.0
//
// The native dialect as a JSON schema, for editors and for those who write policies by machine.
#pragma once

#include <string>

namespace hallmark::policy {

/// JSON schema, draft 2020-12, of what this version reads. What a schema cannot say (members that stand twice, scopes
/// that match nothing, files that are not there) only reading the policy tells.
std::string schema();

}  // namespace hallmark::policy
