// SPDX-License-Identifier: Apache-2.0
//
// Whether bytes that are something else could be taken for the beginning of a tar.
#pragma once

#include "trust/bytes.h"

namespace hallmark::store {

/// So many bytes are looked at.
constexpr std::size_t kTarLookalike = 512;

/// Whether some reader could take the bytes for the header of a tar: they look for one before, or instead of, what the
/// first bytes say of a compression. Each goes by the checksum, and reads numbers in ways of its own.
bool could_be_tar(ByteView beginning);

}  // namespace hallmark::store
