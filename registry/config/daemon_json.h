// SPDX-License-Identifier: Apache-2.0
//
// What docker's daemon.json says about registries.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "registry/http/url.h"

namespace hallmark::registry {

/// The texts of a list, "insecure-registries" or "registry-mirrors". A file that is not there, or that this user may
/// not read, has none. Fault::usage for one that is no JSON of this shape.
std::vector<std::string> daemon_list(const std::filesystem::path& file, std::string_view name);

/// Whether one of the files marks the server: by its name with the port as it is typed, or, an IPv4 address, by a
/// network ("10.0.0.0/8"). The mark allows http where https is not spoken, and nothing else: TLS is verified all the
/// same, and no credentials are sent over http. A file that is not there, or that this user may not read, marks
/// nothing. Fault::usage for one that is no JSON of this shape.
bool is_marked_insecure(const std::vector<std::filesystem::path>& daemon_configs, const Url& server);

/// Whether one entry of "insecure-registries" means the server.
bool marks(std::string_view entry, const Url& server);

}  // namespace hallmark::registry
