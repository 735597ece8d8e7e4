// SPDX-License-Identifier: Apache-2.0
//
// Whether a registry takes credentials, found out by doing what a pull would do.
#pragma once

#include <string>

#include "registry/config/credentials.h"
#include "registry/settings.h"

namespace hallmark::registry {

struct CheckedCredentials {
  bool was_asked;       ///< whether the registry wanted any; one that does not takes every password
  Credentials to_keep;  ///< an identity token where the registry gave one, else the password
};

/// Fault::unauthorized when they are refused, Fault::unavailable when the registry cannot be asked.
CheckedCredentials check_credentials(const Settings& settings, const std::string& domain, const std::string& user,
                                     const std::string& password);

}  // namespace hallmark::registry
