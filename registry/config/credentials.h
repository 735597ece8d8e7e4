// SPDX-License-Identifier: Apache-2.0
//
// What docker's config.json, and files of its kind, know of a registry: passwords, identity tokens, registry tokens, or
// the program that keeps them. Read when a server asks, never before; nothing is guessed and nothing is written.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "registry/settings.h"

namespace hallmark::registry {

struct Credentials {
  enum class Kind {
    none,
    password,
    identity_token,  ///< to be exchanged for access tokens
    registry_token   ///< an access token itself
  };
  Kind kind = Kind::none;
  std::string user;    ///< may be empty for tokens
  std::string secret;  ///< never printed
  std::string place;   ///< where they were found, or where none were: for messages
};

/// From the first of these that has some: DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE, docker's config.json, containers'
/// auth.json. `path` is that of the repository, empty for none: the containers tools file credentials for
/// "HOST/PATH" as well. Faults as below.
Credentials find_credentials(const Settings& settings, const std::string& domain, const std::string& path);

/// Of config.json alone, for the domain of a reference ("docker.io", "localhost:5000"). credHelpers beats credsStore
/// beats auths; a missing file is no credentials. Fault::usage for a file that cannot be understood; a helper's failure
/// is Fault::local.
Credentials credentials_for(const std::filesystem::path& docker_config, const std::string& domain,
                            const std::atomic<bool>* interrupted);

/// Whether a key of "auths" ("https://h:p/v1/") means the host: scheme and path do not count.
bool key_names(std::string_view key, std::string_view host);

}  // namespace hallmark::registry
