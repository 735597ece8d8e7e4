// SPDX-License-Identifier: Apache-2.0
//
// What files are called before they are whole.
#pragma once

#include <string>
#include <string_view>

namespace hallmark::store {

/// A name that only this process has, for a file that is not finished.
std::string unfinished_name();
/// Whether unfinished_name() could have made it: whatever else lies there is not ours to remove.
bool is_unfinished(std::string_view name);

}  // namespace hallmark::store
