// SPDX-License-Identifier: Apache-2.0
//
// JSON pointers (RFC 6901): where in a document something stands.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "trust/error.h"

namespace hallmark {

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

/// Throws the error again with the place in the document before its message, unless a place further in stands there.
[[noreturn]] void throw_at(const std::string& pointer, const Error& error);

/// Runs the work; an Error that leaves it says where in the document it happened.
template <class Work>
decltype(auto) at_pointer(const std::string& pointer, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw_at(pointer, error);
  }
}

}  // namespace hallmark
