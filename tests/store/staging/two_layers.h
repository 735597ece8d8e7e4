// SPDX-License-Identifier: Apache-2.0
//
// The image that the tests of the quarantine bring in.
#pragma once

#include <string>

#include "tests/support/images.h"

namespace hallmark::test {

inline const std::string kName = "localhost:5000/lib/app:1";

inline Recipe two_layers() {
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(150'000, 1)), gzip_layer(noise(3'000, 2))};
  return recipe;
}

}  // namespace hallmark::test
