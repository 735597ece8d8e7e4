// SPDX-License-Identifier: Apache-2.0
//
// A decision in words for people.
#pragma once

#include <string>
#include <vector>

#include "policy/gate.h"
#include "policy/judgement.h"

namespace hallmark::policy {

/// What a person should know of an image that came in an archive, one line each: that nobody can have signed it, and
/// what of its trust data has ended and was accepted because of the time at which it was packed.
std::vector<std::string> notes(const Judgement& judgement);

/// The explain output: first line "ALLOW  name", "DENY  name", or "ERROR  name" when it could not be decided; then what
/// was resolved, the policy and its scope, a line per requirement, and what to do next.
std::string explain(const Gate& gate, const Judgement& judgement);

/// What stands before the error of a refusal: what was refused, and by which requirements. The reasons and what to do
/// are the error's, and are said once.
std::string refusal(const Gate& gate, const Judgement& judgement);

/// The line for a name that comes in although nobody's word was checked.
std::string unverified_notice(const Gate& gate, const Reference& name);

/// A line for each exception that a decision needed, and one if the glass was broken; empty if it needed none.
std::string waivers(const Gate& gate, const Decision& decision);

/// The one line of the error message: the failed requirements, most telling first.
std::string summary(const Decision& decision);
/// The hints of the failed requirements in one line.
std::string advice(const Decision& decision);

}  // namespace hallmark::policy
