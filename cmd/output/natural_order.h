// SPDX-License-Identifier: Apache-2.0
//
// The order in which people count: "v2" before "v10".
#pragma once

#include <string_view>

namespace hallmark::cmd {

/// Runs of digits compare as numbers, the rest bytewise; of equal numbers the one with fewer leading zeros is less.
/// A strict weak order of any two texts; tags of a repository are told in it, as docker trust inspect tells them.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace hallmark::cmd
