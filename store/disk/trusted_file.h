// SPDX-License-Identifier: Apache-2.0
//
// Files that decide what is accepted: read only when nobody but root and this user could have put them there.
#pragma once

#include <cstdint>
#include <filesystem>

#include "trust/bytes.h"

namespace hallmark::store {

/// Nobody but root and this user could change it, wherever its path leads (store/disk/owner.h); what comes through an
/// open descriptor (/dev/stdin, /dev/fd/3) may be a pipe. `any_owner` reads it all the same. Fault::usage, beginning
/// with `what`, for what may not be used, is not there, or is larger than `most_bytes`.
Bytes read_trusted(const std::string& what, const std::filesystem::path& path, std::uint64_t most_bytes,
                   bool any_owner);

}  // namespace hallmark::store
