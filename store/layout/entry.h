// SPDX-License-Identifier: Apache-2.0
//
// A line of the store's index, as commands see it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/image/image.h"
#include "store/image/image_summary.h"
#include "trust/digest.h"
#include "trust/reference.h"

namespace hallmark::store {

/// One line of the index: a name, or a digest that lost its name.
struct Entry {
  /// The full name with its tag or digest: "docker.io/library/debian:12".
  Reference name;
  Descriptor root;
  /// An index is stored without the platforms that nobody asked for, so its manifests are listed apart.
  std::vector<Digest> manifests;    ///< that were committed here; for what another tool wrote: that are here
  std::uint64_t uncompressed_size;  ///< of the first of them; 0 for what another tool wrote
  /// Of an index that no gate admitted as a whole: its manifest that was admitted.
  std::optional<Digest> admitted = {};
  /// Said by list_with_summaries() and find() alone, of what is as a commit on this machine left it.
  std::optional<ImageSummary> summary = {};
  std::optional<AdmissionReason> admission_reason = {};

  /// What people are told of it: a digest that the gate admitted.
  [[nodiscard]] const Digest& told() const { return admitted ? *admitted : root.digest; }
};

}  // namespace hallmark::store
