// SPDX-License-Identifier: Apache-2.0
//
// The values of `image:` in a compose file or a Kubernetes manifest, found line by line (YAML 1.2, chapters 6 to 8).
// Text in block scalars and quotes is no key. What this reader does not follow is refused with its line: an image that
// a YAML reader would see is never passed over.
#pragma once

#include <string_view>
#include <vector>

#include "cmd/pinning/image_use.h"

namespace hallmark::cmd {

constexpr std::size_t kMostYamlBytes = std::size_t{4} << 20U;

/// In the order of the file. Fault::usage, with the line.
std::vector<ImageUse> images_of_yaml(std::string_view text);

}  // namespace hallmark::cmd
