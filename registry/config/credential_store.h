// SPDX-License-Identifier: Apache-2.0
//
// Keeping and forgetting credentials where docker looks for them: the helper program that config.json names, or
// config.json itself, which otherwise stays what it says. A file that cannot be understood is never written over.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "registry/config/credentials.h"

namespace hallmark::registry {

/// Keeps a password or an identity token for the domain of a reference. Returns the place, for messages.
std::string store_credentials(const std::filesystem::path& docker_config, const std::string& domain,
                              const Credentials& credentials, const std::atomic<bool>* interrupted);

/// Forgets them. False when there were none.
bool erase_credentials(const std::filesystem::path& docker_config, const std::string& domain,
                       const std::atomic<bool>* interrupted);

}  // namespace hallmark::registry
