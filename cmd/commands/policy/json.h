// SPDX-License-Identifier: Apache-2.0
//
// A policy as a pipeline asks about it: is it the one that was meant, is it in force, does anything in it look wrong.
#pragma once

#include <string>

#include "policy/policy.h"

namespace hallmark::cmd {

/// One JSON object on one line; its members are in hallmark(1), JSON. `now`: what has ended is told as such.
std::string json_of(const policy::Policy& policy, Time now);

}  // namespace hallmark::cmd
