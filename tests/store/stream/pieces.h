// SPDX-License-Identifier: Apache-2.0
//
// Streams put together and cut off.
#pragma once

#include <cstddef>

#include "trust/bytes.h"

namespace hallmark::test {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

inline Bytes joined(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Without the last `by` bytes.
inline Bytes cut(Bytes bytes, std::size_t by) {
  bytes.resize(bytes.size() - by);
  return bytes;
}

}  // namespace hallmark::test
