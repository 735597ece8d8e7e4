// SPDX-License-Identifier: Apache-2.0
//
// JSON pointers (RFC 6901): where in the file something stands.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hallmark::policy {

/// The pointer of a member of what `parent` points to.
inline std::string member_of(std::string_view parent, std::string_view name) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

/// The pointer of an item of the array that `parent` points to.
inline std::string item_of(std::string_view parent, std::size_t index) {
  return std::string(parent) + "/" + std::to_string(index);
}

}  // namespace hallmark::policy
