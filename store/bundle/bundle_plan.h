// SPDX-License-Identifier: Apache-2.0
//
// What goes into a bundle, and what its statement says of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/image/image.h"
#include "store/layout/evidence.h"
#include "trust/dsse.h"
#include "trust/reference.h"
#include "trust/time.h"

namespace hallmark::store {

/// One image that goes into a bundle: a name of the store, and which of its manifests go along.
struct BundleImage {
  Reference name;
  Descriptor root;
  /// Of an index those that go along; the others stay behind.
  std::vector<Digest> manifests;
};

/// What the statement says of a repository's trust data.
struct TrustSummary {
  std::string gun;
  std::map<std::string, std::int64_t> versions;  ///< by role
  std::map<std::string, std::string> expires;    ///< by role, RFC 3339
};

/// All that a bundle is made of: the same contents give the same bytes, as far as signatures do.
struct BundlePlan {
  std::vector<BundleImage> images;
  std::vector<Evidence> evidence;
  std::vector<TrustSummary> trust;
  /// Blobs that the receiver has from another bundle, by the digest of its statement. Layers among them stay behind.
  std::map<Digest, Digest> base_blobs;
  std::string creator;          ///< "hallmark/1.0"
  std::optional<Time> created;  ///< said only where it is somebody's word, or the same each time
  /// Signs the statement; none when nobody does.
  std::function<void(dsse::Envelope&)> sign;
};

}  // namespace hallmark::store
