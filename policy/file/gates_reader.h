// SPDX-License-Identifier: Apache-2.0
//
// Gates, read.
#pragma once

#include "policy/gates.h"
#include "trust/json.h"

namespace hallmark::policy {

/// The members of a requirement of type "gates" but "type" and "id". Fault::usage for anything else.
Gates read_gates(const json::Object& object);

}  // namespace hallmark::policy
