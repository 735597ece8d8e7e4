// SPDX-License-Identifier: Apache-2.0
//
// Whether a statement is that of the bundle it came in: the same names and images, the same evidence, all the blobs
// that these need, no more and no fewer, and nothing else in the tar than these, the statement and the documents
// (docs/bundle.md, "The statement").
#pragma once

#include <optional>

#include "store/archive/archive.h"
#include "trust/bundle_statement.h"
#include "trust/dsse.h"

namespace hallmark::store {

/// As soon as the archive knows its images, and again when all of it was read: then nothing may lack. Refused with
/// E_VIEWS_DISAGREE, or E_BLOB_MISSING, and what differs. That each blob is what it is called Archive::take() checks.
void check_statement(const BundleStatement& statement, const Archive& archive);

struct CarriedStatement {
  Digest digest;  ///< of its envelope: what the bundle is known by
  dsse::Envelope envelope;
  BundleStatement says;
};

/// Absent when the archive has none. Fault::corrupt when it cannot be read, or is that of another bundle.
std::optional<CarriedStatement> read_statement(const Archive& archive);

}  // namespace hallmark::store
