// SPDX-License-Identifier: Apache-2.0
//
// What docker's config.json knows of a registry: passwords, identity tokens, registry tokens, or the program that
// keeps them. Read when a server asks, never before; nothing is guessed and nothing is written.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

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

/// For the domain of a reference ("docker.io", "localhost:5000"). credHelpers beats credsStore beats auths; a missing
/// file is no credentials. Fault::usage for a file that cannot be understood; a helper's failure is Fault::local.
Credentials credentials_for(const std::filesystem::path& docker_config, const std::string& domain,
                            const std::atomic<bool>* interrupted);

/// Whether a key of "auths" ("https://h:p/v1/") means the host: scheme and path do not count.
bool key_names(std::string_view key, std::string_view host);

}  // namespace hallmark::registry
