// SPDX-License-Identifier: Apache-2.0
//
// Where a repository is to be found. Trust, policy and the store keep to the name; this only says whom to ask.
#pragma once

#include <string>
#include <vector>

#include "registry/settings.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// One place where a repository may be asked for.
struct Endpoint {
  Reference name;  ///< of the repository there
  bool insecure;   ///< http is allowed where https is not spoken
};

/// The repository itself, and who may be asked before it.
struct Endpoints {
  Endpoint primary;
  std::vector<Endpoint> mirrors;  ///< to be asked first, by digest only
};

/// By the rule of registries.conf for the name; without one, for docker.io, by "registry-mirrors" of docker's
/// daemon.json. Fault::refused for a registry that is blocked; Fault::usage for files that cannot be used.
Endpoints endpoints_for(const Settings& settings, const Reference& name);

/// The settings for one endpoint of the name.
Settings settings_for(const Settings& settings, const Reference& name, const Endpoint& endpoint);

}  // namespace hallmark::registry
