// SPDX-License-Identifier: Apache-2.0
//
// Sizes as a person types them.
#pragma once

#include <cstdint>
#include <string>

namespace hallmark::cmd {

/// "700MB", "4GiB", "1000000": a whole number above 0 of bytes, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB
/// (powers of 1024). Anything else is Fault::usage, and `flag` is named.
std::uint64_t parse_byte_count(const std::string& flag, const std::string& text);

}  // namespace hallmark::cmd
