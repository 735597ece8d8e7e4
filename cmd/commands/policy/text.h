// SPDX-License-Identifier: Apache-2.0
//
// A policy in the words of the commands that tell about it.
#pragma once

#include <string>
#include <vector>

#include "cmd/cli/command.h"
#include "policy/policy.h"

namespace hallmark::cmd {

/// The requirements in one line: "tuf shop: signed by targets of dct and gates: created at most 90 days ago".
std::string words_of(const policy::Requirements& requirements);
/// The same, a line for each; what stands inside one is indented.
std::vector<std::string> lines_of(const policy::Requirements& requirements);

/// "hallmark 1" or "containers-policy.json"
std::string words_of(policy::PolicyDialect dialect);

/// The policy that is in force; Fault::missing, with the places where it may be, when there is none.
/// Fault::usage when it cannot be used, as in every other command.
policy::Policy present_policy(const Arguments& arguments, const Environment& environment);

}  // namespace hallmark::cmd
