// SPDX-License-Identifier: Apache-2.0
//
// The parts of a bundle, one after the other, each hashed as it is read.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "store/archive/split_header.h"
#include "store/disk/file.h"

namespace hallmark::store {

/// The archive that the parts are together, as one stream from front to back.
class PartReader {
 public:
  /// Fault::missing, Fault::corrupt when a part is not there or has another size.
  PartReader(const std::filesystem::path& header, const std::atomic<bool>& interrupted);

  /// Of all parts.
  [[nodiscard]] std::uint64_t size() const { return header_.size; }
  /// Some bytes, none at the end. Fault::corrupt, E_PART_DIGEST, at the end of a part that is another.
  std::size_t read(std::span<std::uint8_t> buffer);
  /// What is left of the part that is being read is only hashed; the same Fault::corrupt.
  void finish_part();

 private:
  std::filesystem::path folder_;
  SplitHeader header_;
  const std::atomic<bool>& interrupted_;
  std::size_t number_ = 0;  // of the part that is being read
  std::optional<File> file_;
  Hasher hasher_{Algorithm::sha256};
};

/// What check_parts() finds of a part.
enum class PartState { whole, missing, damaged };
struct PartFinding {
  std::string name;
  PartState state;
  std::string what;  ///< expected and found; empty when it is whole
};

/// The parts that are named, in any order, or when that is only the header all that it lists. Each is hashed against
/// its header, which is among the files or beside the part. `told` gets each finding as soon as it is known.
void check_parts(const std::vector<std::string>& files, const std::atomic<bool>& interrupted,
                 const std::function<void(const PartFinding&)>& on_finding);

}  // namespace hallmark::store
