// SPDX-License-Identifier: Apache-2.0
//
// The statement of a bundle: what its maker says that is in it. An inventory; nothing is admitted because of it.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "store/archive.h"

namespace hallmark::store {

struct StatedBlob {
  std::uint64_t size;
  bool is_present;
  std::optional<Digest> base;  ///< statement of the bundle that has it, where it is not present
};

struct Statement {
  Digest digest;             ///< of its envelope: what the bundle is known by
  std::vector<Digest> base;  ///< statements of the bundles that it builds on
  std::map<Digest, StatedBlob> blobs;
};

/// Absent when the archive has none. Fault::corrupt when it cannot be read.
std::optional<Statement> read_statement(const Archive& archive);

}  // namespace hallmark::store
