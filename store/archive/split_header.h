// SPDX-License-Identifier: Apache-2.0
//
// A bundle in parts for media that are smaller than it: NAME.000 says of each part how large it is and what its hash
// is, NAME.001 and so on are plain slices of the tar. Nothing of it is believed: the archive inside is checked as if it
// had come in one piece. It is there to say which part has to be copied again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trust/digest.h"

namespace hallmark::store {

struct SplitPart {
  std::string name;  ///< of the file, which stands beside the header
  std::uint64_t size;
  Digest digest;
};

struct SplitHeader {
  Digest bundle;  ///< of all parts in a row
  std::uint64_t size;
  std::uint64_t part_size;  ///< of each but the last, which may be smaller
  std::vector<SplitPart> parts;
  Digest statement;

  static constexpr std::size_t kMostParts = 999;

  /// Members sorted, no white space.
  [[nodiscard]] std::string text() const;
  /// Fault::corrupt, with the word E_PART_HEADER, when the file is no header or contradicts itself.
  static SplitHeader read(const std::filesystem::path& file);
};

/// "app.tar" and 3 are "app.tar.003".
std::filesystem::path part_path(const std::filesystem::path& name, std::size_t number);
/// The number that a file name ends with; absent when it is not called like a part or a header.
std::optional<std::size_t> part_number(const std::filesystem::path& file);
/// The header that belongs to a file that is called like a part.
std::filesystem::path header_path(const std::filesystem::path& part);

}  // namespace hallmark::store
