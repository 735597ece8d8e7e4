// SPDX-License-Identifier: Apache-2.0
//
// The images that a build by a Dockerfile takes: its frontend, its bases, and what it copies or mounts from.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pinning/image_use.h"

namespace hallmark::cmd {

/// What a build would be called with. It decides which image a reference with variables means.
struct BuildSettings {
  std::map<std::string, std::string> arguments;  ///< --build-arg
  std::string build_platform;                    ///< "linux/amd64": what BUILDPLATFORM is
  std::string target_platform;
};

/// In the order of the file. `scratch` and stages of the file are none. Fault::usage, with the line, for what is no
/// Dockerfile, what builders read differently, and a variable that has no value.
std::vector<ImageUse> images_of_dockerfile(std::string_view text, const BuildSettings& settings);

}  // namespace hallmark::cmd
