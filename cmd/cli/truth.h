// SPDX-License-Identifier: Apache-2.0
//
// Yes and no as docker's flags take them.
#pragma once

#include <optional>
#include <string_view>

namespace hallmark::cmd {

/// Absent for any other word.
inline std::optional<bool> truth_of(std::string_view text) {
  for (const char* yes : {"true", "1", "t", "T", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "0", "f", "F", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

}  // namespace hallmark::cmd
