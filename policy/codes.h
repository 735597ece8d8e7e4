// SPDX-License-Identifier: Apache-2.0
//
// The stable words that a finding carries when it did not pass, and what a person can do about each.
// docs/policy.md explains every one of them; a test compares the two.
#pragma once

#include <string_view>
#include <vector>

#include "trust/system/system.h"

namespace hallmark::policy {

/// Those of the policy itself and of all trust systems.
/// Those of the table first, then system by system. Their texts are constants.
std::vector<trust::Code> all_codes();

/// What to do about a code; empty when it is none of the list.
std::string_view hint_of(std::string_view word);
/// The same of an image that came in an archive; empty when it is no other.
std::string_view archive_hint_of(std::string_view word);

}  // namespace hallmark::policy
