// SPDX-License-Identifier: Apache-2.0
//
// The statement of an archive, held against the archive itself.
#pragma once

#include <optional>

#include "store/archive.h"
#include "trust/dsse.h"

namespace hallmark::cmd {

/// Absent when the archive has none. Fault::corrupt when it cannot be read, or is that of another bundle.
std::optional<dsse::Envelope> read_statement(const store::Archive& archive);

}  // namespace hallmark::cmd
