// SPDX-License-Identifier: Apache-2.0
//
// How what a trust system remembers is named and compared. Memories of two systems never meet.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "trust/bytes.h"
#include "trust/system/source.h"
#include "trust/system/trusted_metadata.h"

namespace hallmark::trust {

/// A constant of its system. It is asked about memories of its own kind alone.
class MemoryRules {
 public:
  virtual ~MemoryRules() = default;
  MemoryRules(const MemoryRules&) = delete;
  MemoryRules& operator=(const MemoryRules&) = delete;

  /// Of the stores whose memory it is: lower-case letters and digits, for the folder is called by it.
  [[nodiscard]] virtual std::string_view kind() const = 0;
  /// Counts up with each change of the collection, by the versions of its roles. Of two memories of one line the
  /// documents of the higher one count; of each role the highest version does, whichever of them has it.
  [[nodiscard]] virtual std::int64_t revision(const std::map<std::string, std::int64_t>& versions) const = 0;
  /// Whether the two are about the same trust data: then what one has seen counts for the other.
  [[nodiscard]] virtual bool is_one_line(const std::string& collection, const TrustedMetadata& one,
                                         const TrustedMetadata& other) const = 0;
  /// The file that is wanted, whatever its size; nullptr when it is not remembered.
  [[nodiscard]] virtual const Bytes* find(const TrustedMetadata& memory, const MetadataFile& wanted) const = 0;
  /// Whether docker's trust folder is a memory of this kind.
  [[nodiscard]] virtual bool reads_docker() const { return false; }

 protected:
  MemoryRules() = default;
};

}  // namespace hallmark::trust
