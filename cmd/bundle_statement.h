// SPDX-License-Identifier: Apache-2.0
//
// The statement of an archive, held against the archive itself.
#pragma once

#include <optional>

#include "store/archive/archive.h"
#include "trust/bundle_statement.h"
#include "trust/dsse.h"

namespace hallmark::cmd {

struct CarriedStatement {
  Digest digest;  ///< of its envelope: what the bundle is known by
  dsse::Envelope envelope;
  BundleStatement says;
};

/// Absent when the archive has none. Fault::corrupt when it cannot be read, or is that of another bundle.
std::optional<CarriedStatement> read_statement(const store::Archive& archive);

}  // namespace hallmark::cmd
