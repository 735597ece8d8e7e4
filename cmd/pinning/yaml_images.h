// SPDX-License-Identifier: Apache-2.0
//
// The images that a compose file, a Kubernetes manifest or the values of a Helm chart name, as libyaml reads it, whose
// grammar is that of the programs that read these files: `image: NAME`, `image:` with `reference`, `name`, or
// `repository` and `tag` below it. An image that a YAML reader would see is never passed over.
#pragma once

#include <string_view>
#include <vector>

#include "cmd/pinning/image_use.h"

namespace hallmark::cmd {

constexpr std::size_t kMostYamlBytes = std::size_t{4} << 20U;

struct YamlImages {
  std::vector<ImageUse> uses;           ///< in the order of the file
  std::vector<std::size_t> built_here;  ///< lines of images that compose builds and does not pull
};

/// Fault::usage, with the line, for what is no YAML or what readers take differently.
YamlImages images_of_yaml(std::string_view text);

}  // namespace hallmark::cmd
