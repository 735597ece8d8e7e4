// SPDX-License-Identifier: Apache-2.0
//
// What the trust data of one question may be all together: the files that are fetched for it and those that are
// remembered, whichever roles they are of. Each has a limit of its own as well; many small ones must not be what one
// large one may not be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "trust/tuf/question.h"

namespace hallmark::tuf {

/// About a hundred thousand signed tags.
constexpr std::uint64_t kMostTrustBytes = std::uint64_t{16} << 20U;
/// Roots on the way from the one that is trusted to the newest.
constexpr std::size_t kMostRoots = 256;

/// Passes questions on and counts. Throws Refused: "too-much-trust-data", "too-many-roots".
class Allowance final : public MetadataSource {
 public:
  Allowance(MetadataSource& behind, std::string gun) : behind_(behind), gun_(std::move(gun)) {}

  /// Asks with what is left of the sum for a limit, where that is less.
  MetadataReply fetch(const MetadataFile& wanted) override;
  /// A file that need not be fetched.
  void count(std::uint64_t bytes);
  /// One more root on the way.
  void count_root();

 private:
  [[noreturn]] void refuse_more() const;

  MetadataSource& behind_;
  std::string gun_;
  std::uint64_t bytes_ = 0;
  std::size_t roots_ = 0;
};

}  // namespace hallmark::tuf
