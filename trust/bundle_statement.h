// SPDX-License-Identifier: Apache-2.0
//
// The statement of a bundle, read: an inventory and the word of whoever packed it. It never stands in for the
// signatures of the images; what it is worth is decided by who signed it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trust/digest.h"
#include "trust/dsse.h"
#include "trust/time.h"

namespace hallmark {

/// What the payload says. Whether anybody signed it is not asked here.
struct BundleStatement {
  struct Platform {
    Digest manifest;
    std::optional<Digest> config;  ///< absent for those that stay behind
    std::vector<Digest> diff_ids;
    bool is_present;
  };
  struct Blob {
    std::uint64_t size;
    bool is_present;
    std::optional<Digest> base;  ///< of one that stays behind: the statement of the bundle that has it

    bool operator==(const Blob&) const = default;
  };
  struct Image {
    std::string name;
    Digest root;
    std::uint64_t size;
    std::vector<Platform> platforms;
  };

  std::optional<Time> created;  ///< bundles that nobody signed need not say it
  std::map<std::string, Digest> subjects;
  std::vector<Image> images;
  std::map<Digest, Blob> blobs;  ///< all that the images and the evidence need
  std::vector<Digest> base;      ///< statements of the bundles that have what stays behind
  Digest evidence;
};

/// Fault::corrupt when the payload is no statement of a bundle. Members that this version does not know are passed
/// over: nothing but the lists above is taken from it.
BundleStatement parse_statement(const dsse::Envelope& envelope);

/// Only when it was packed, for whoever judges the age of a bundle and nothing else.
std::optional<Time> packing_time(const dsse::Envelope& envelope);

}  // namespace hallmark
