// SPDX-License-Identifier: Apache-2.0
//
// The values of `image:` in a compose file or a Kubernetes manifest, as libyaml reads it, whose grammar is that of the
// programs that read these files. What cannot be pinned where it stands is refused with its line: an image that a YAML
// reader would see is never passed over.
#pragma once

#include <string_view>
#include <vector>

#include "cmd/pinning/image_use.h"

namespace hallmark::cmd {

constexpr std::size_t kMostYamlBytes = std::size_t{4} << 20U;

/// In the order of the file. Fault::usage, with the line.
std::vector<ImageUse> images_of_yaml(std::string_view text);

}  // namespace hallmark::cmd
