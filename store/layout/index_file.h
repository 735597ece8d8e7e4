// SPDX-License-Identifier: Apache-2.0
//
// index.json of an OCI image layout (image-spec 1.1, image-layout.md), as far as the store and a folder of images read
// it alike: members and entries as they stand there. What an entry means is theirs to say.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/disk/file.h"
#include "store/image/image.h"
#include "trust/json.h"

namespace hallmark::store {

/// The annotation in which other tools write and read the name of an entry.
constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";

struct IndexFile {
  json::Object members;  ///< of the document, besides the entries; none when there is no file
  std::vector<json::Value> entries;

  /// Empty when there is no index.json. Fault::corrupt, with the hint, when what is there cannot be read.
  static IndexFile read(const Path& directory, const std::string& hint);
};

/// What is understood of an entry; Fault::corrupt when that is not enough. Other tools may have written anything.
Descriptor read_index_entry(const json::Value& entry);

/// The members as they were, and the entries that the function writes.
std::string index_text(const json::Object& members, const std::function<void(json::Writer&)>& write_entries);

/// In one step that is visible as a whole; Fault::local, with the hint, for a text that could not be read again. The
/// caller holds the lock.
void write_index_file(const Path& directory, const std::string& text, const std::string& hint);

}  // namespace hallmark::store
