// SPDX-License-Identifier: Apache-2.0
//
// The header block of a tar, of the three kinds that writers write: without a magic (v7), POSIX ustar, GNU. Readers
// take a byte that the kind does not define for a prefix, a time or a size, each as it likes: so every byte has to be
// as the kind has it. Refusals have the words of store/stream/archive_refusal.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "trust/bytes.h"

namespace hallmark::store {

/// The unit of a tar: headers have one, bodies are filled up to whole ones.
constexpr std::size_t kTarBlock = 512;

/// What the block itself says. What extended headers say instead: store/tar/tar_reader.h.
struct TarHeader {
  enum class Kind { v7, posix, gnu };
  Kind kind;
  /// POSIX's typeflag; a zero byte where the oldest writers had none.
  char type;
  std::string name;    ///< with the prefix before it
  std::string target;  ///< of a link
  std::uint64_t size;
};

/// E_ARCHIVE_HEADER for every header that two readers could read in two ways. What is no header at all is told by
/// check_tar_sum().
TarHeader parse_tar_header(ByteView block);

/// Below the blank, and DEL: some readers and terminals obey these.
bool is_control(char byte);
/// Whether a text of the header has one.
bool has_control_characters(ByteView block);

/// E_ARCHIVE_HEADER when the checksum is not that of the block.
void check_tar_sum(ByteView block);

}  // namespace hallmark::store
