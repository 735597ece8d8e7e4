// SPDX-License-Identifier: Apache-2.0
//
// Files that are nobody else's: keys, and what is written beside them.
#pragma once

#include <cstdint>
#include <filesystem>

#include "trust/bytes.h"

namespace hallmark::cmd {

/// A new file of mode 0600, whole or not at all, on the disk when this returns. Fault::usage when the name is taken:
/// nothing is ever written over.
void write_private_file(const std::filesystem::path& path, ByteView bytes);

/// The bytes of a file that only its owner can read and write. Fault::missing when there is none; Fault::usage, in
/// docker's words, when others could read it, write it or put another one there, and when it is larger than a
/// key file can be.
Bytes read_private_file(const std::filesystem::path& path);

}  // namespace hallmark::cmd
