// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean": the known word that is nearest to a mistyped one.
#pragma once

#include <string>
#include <vector>

namespace hallmark::cmd {

/// The nearest by edit distance (insert, delete, replace), at most two steps away; empty when there is none.
std::string suggestion(const std::string& typed, const std::vector<std::string>& known);

}  // namespace hallmark::cmd
