// SPDX-License-Identifier: Apache-2.0
//
// The records of a pax header: POSIX pax, "pax Extended Header". Keys by a list: those that real writers write, and of
// which every reader makes the same file. Refusals have the words of store/stream/archive_refusal.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hallmark::store {

/// What it says of the entry that comes next.
struct PaxHeader {
  std::optional<std::string> name;
  std::optional<std::string> target;
  std::optional<std::uint64_t> size;
};

/// E_ARCHIVE_HEADER for what cannot be read, is said twice or has a key that is not on the list; E_ENTRY_TYPE for a
/// sparse file.
PaxHeader parse_pax(std::string_view records);

/// Those of a header that counts for all entries, which may say nothing that makes one of them another.
void check_global_pax(std::string_view records);

}  // namespace hallmark::store
