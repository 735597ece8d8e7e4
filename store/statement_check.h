// SPDX-License-Identifier: Apache-2.0
//
// Whether a statement is that of the bundle it came in: the same names and images, the same evidence, and all the blobs
// that these need, no more and no fewer.
#pragma once

#include <string>

#include "store/archive.h"
#include "trust/statement.h"

namespace hallmark::store {

/// As soon as the archive knows its images. Refused with E_VIEWS_DISAGREE and what differs.
void check_statement(const BundleStatement& statement, const Archive& archive);

}  // namespace hallmark::store
