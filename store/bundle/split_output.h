// SPDX-License-Identifier: Apache-2.0
//
// What is written here becomes slices of one size beside each other, and a header that tells of them.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "store/archive/split_header.h"
#include "store/disk/output_file.h"
#include "trust/digest.h"

namespace hallmark::store {

class SplitOutput final : public ByteSink {
 public:
  /// Fault::local when there are parts of this name already: those of a longer bundle would stay among the new ones.
  SplitOutput(std::filesystem::path name, std::uint64_t part_size);

  /// Fault::usage when there would be more parts than can be numbered.
  void write(ByteView piece) override;
  /// All parts under their names, the header last; or none of them. What is interrupted between two names leaves parts
  /// without a header.
  void finish(const Digest& statement);

 private:
  void begin_part();
  void end_part();
  void publish(OutputFile& header);

  std::filesystem::path name_;
  std::uint64_t part_size_;
  std::vector<std::unique_ptr<OutputFile>> files_;  // sealed, but the last
  std::vector<SplitPart> parts_;                    // those that are sealed
  Hasher all_{Algorithm::sha256};
  Hasher part_{Algorithm::sha256};
};

}  // namespace hallmark::store
