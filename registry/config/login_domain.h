// SPDX-License-Identifier: Apache-2.0
//
// Registries as people name them to log in.
#pragma once

#include <string>

namespace hallmark::registry {

/// The domain that a person means: "https://index.docker.io/v1/", "docker.io" and nothing are Docker Hub; of
/// "https://h:p/v2/" it is "h:p". Fault::usage for what is no host.
std::string login_domain(const std::string& typed);

}  // namespace hallmark::registry
