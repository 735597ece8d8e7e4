// SPDX-License-Identifier: Apache-2.0
//
// Images that share a layer, and what a check of their store says.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"
#include "tests/support/images.h"

namespace hallmark::test {

/// Two layers, the first of which all images of this kind share.
inline TestImage sharing(unsigned seed) {
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(2000, 1)), gzip_layer(noise(2000, seed))};
  return make_image(recipe);
}

inline std::vector<store::DamagedBlob> damages(const store::Store& store) {
  return store.check([](const store::Descriptor&) {}, [] {});
}

/// Adds JSON to the list of index.json behind the store's back.
inline void append_entry(const TemporaryFolder& folder, const std::string& entry) {
  const auto path = folder.path() / "index.json";
  std::string text = string_of(read_whole(path));
  text.insert(text.rfind(']'), "," + entry);
  write_file(path, bytes_of(text));
}

}  // namespace hallmark::test
