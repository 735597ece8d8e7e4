// SPDX-License-Identifier: Apache-2.0
//
// What the entries of an index need: the answer that decides whether a blob may go. Doubt keeps everything.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "store/disk/file.h"
#include "store/layout/layout.h"

namespace hallmark::store {

struct Reachable {
  std::set<Digest> digests;
  /// Why it cannot be said what some entries need; empty when all is clear.
  std::vector<std::string> unclear;
};

/// Follows all that the entries name, whatever tool wrote them. Of an index only what is here is followed.
Reachable reachable_from(const Path& directory, const LayoutEntries& entries);

/// A document of the store, hashed. Fault::missing when it is not here, Fault::corrupt when it is another.
Document read_document(const Path& directory, const Descriptor& descriptor);

}  // namespace hallmark::store
