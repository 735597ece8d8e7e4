// SPDX-License-Identifier: Apache-2.0
//
// Folders that stand in for servers: "file:///path".
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hallmark::registry {

/// Whether it is meant as one; any "file:" is.
/// A slip in one is told as that, and never becomes the name of a host.
bool is_file_url(std::string_view text);

/// The folder of "file:///path" ("%20" is a blank). Fault::usage for anything else: a host, a path that is not
/// absolute or goes up.
std::filesystem::path folder_of_file_url(const std::string& text);

}  // namespace hallmark::registry
