// SPDX-License-Identifier: Apache-2.0
//
// "HttpHeaders" of docker's config.json: what somebody wants to be sent to registries with every request.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hallmark::registry {

/// "Name: value" lines, without User-Agent; none when there is no such file. Fault::usage for a file that cannot be
/// understood, and for headers that the protocol itself needs or that are none.
std::vector<std::string> configured_headers(const std::filesystem::path& docker_config);

}  // namespace hallmark::registry
