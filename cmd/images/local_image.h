// SPDX-License-Identifier: Apache-2.0
//
// An image of the local store with what its own documents say, as lists and inspections show it.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"
#include "trust/bytes.h"
#include "trust/digest.h"

namespace hallmark::cmd {

/// Of one platform. The bytes were hashed when they were read.
struct LocalImage {
  store::Entry entry;
  Digest id;                              ///< of the config: what docker calls the image
  Bytes config;                           ///< the document of that digest
  std::vector<store::Descriptor> layers;  ///< bottom first
  std::optional<std::uint64_t> size;      ///< uncompressed; told of the first platform of what this program brought in
};

/// Reads and hashes manifest and config; of several platforms the first. Fault::corrupt names the image.
LocalImage read_image(const store::Store& store, const store::Entry& entry);

/// As read_image(), but of several platforms the one whose image or manifest is called by this id, if there is one.
LocalImage read_image_called(const store::Store& store, const store::Entry& entry, const std::string& id);

/// Why no blob was deleted, if that is so.
void tell_unclear(const store::Store::Removal& removal, std::ostream& err);

/// What was typed when it can be a name; an id need not be one.
std::optional<Reference> as_name(const std::string& text);

/// Docker's words, and how to get the image.
[[noreturn]] void fail_missing(const std::string& text);

}  // namespace hallmark::cmd
