// SPDX-License-Identifier: Apache-2.0
//
// The documents of a bundle that are made here: members sorted, no white space, no line end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/bundle/bundle_plan.h"

namespace hallmark::store {

/// A manifest that goes along, with what was read of it.
struct PackedManifest {
  Descriptor descriptor;
  Platform platform;  ///< as its config says
  Manifest parts;
  std::vector<Digest> diff_ids;
};

/// A manifest that the index lists and that stays behind.
struct LeftOut {
  Digest digest;
  std::optional<Platform> platform;
};

/// A name, and what goes along of its image.
struct PackedImage {
  Reference name;
  Descriptor root;
  bool is_index;
  std::vector<PackedManifest> manifests;  ///< in the order of the index
  std::vector<LeftOut> left_out;
};

/// A line of the inventory.
struct ListedBlob {
  Digest digest;
  std::uint64_t size;
  std::optional<Digest> base;  ///< of one that stays behind: the statement of the bundle that has it
};

/// "blobs/sha256/<hex>"
std::string bundle_path(const Digest& digest);

/// index.json: one entry for each name, in the order of the images.
std::string index_document(const std::vector<PackedImage>& images, const Digest& evidence, const Digest& statement);
/// Docker's view of the same images: of several platforms linux/amd64, or the first.
std::string docker_document(const std::vector<PackedImage>& images);
/// The payload of the statement. `blobs`: all that its images need, sorted. Of the contents it tells trust, creator
/// and time.
std::string statement_payload(const std::vector<PackedImage>& images, const std::vector<ListedBlob>& blobs,
                              const Digest& evidence, const BundlePlan& bundle_plan);

}  // namespace hallmark::store
