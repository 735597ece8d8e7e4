// SPDX-License-Identifier: Apache-2.0
//
// What docker's daemon.json says about registries.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark::registry {

/// The texts of a list, "insecure-registries" or "registry-mirrors". A file that is not there, or that this user may
/// not read, has none. Fault::usage for one that is no JSON of this shape.
std::vector<std::string> daemon_list(const std::filesystem::path& file, std::string_view name);

}  // namespace hallmark::registry
