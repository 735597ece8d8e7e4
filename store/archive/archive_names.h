// SPDX-License-Identifier: Apache-2.0
//
// What index.json calls its images. Three annotations are names, and each reader has its own choice among them
// (docs/bundle.md, "index.json"): what they say of one entry, and one of them of two entries, must agree.
// Refusals have the words of store/stream/archive_refusal.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/image/image.h"
#include "trust/reference.h"

namespace hallmark::store {

/// One entry of index.json.
struct Listed {
  Descriptor descriptor;
  std::optional<Reference> name;   ///< absent when it has none, or only a tag, which is not whole
  std::optional<std::string> tag;  ///< where that is all there is: some readers ask for it alone

  [[nodiscard]] bool is_called() const { return name || tag; }
};

/// What an entry is called. Refused when its annotations do not agree.
Listed listed_as(const Descriptor& entry);

/// A tag that stands alone means one image.
void check_tags(const std::vector<Listed>& entries);

}  // namespace hallmark::store
