// SPDX-License-Identifier: Apache-2.0
//
// hallmark logout: forgets what login kept.
#include <ostream>

#include "cmd/cli/command.h"
#include "cmd/cli/locations.h"
#include "registry/config/credential_store.h"
#include "registry/server/login.h"
#include "trust/error.h"

namespace hallmark::cmd {

Options logout_options() {
  Options options("logout [SERVER]", "Log out from a registry; without SERVER from Docker Hub",
                  "hallmark logout registry.example");
  options.operands(0, 1);
  return options;
}

int logout(const Arguments& arguments, Surroundings& surroundings) {
  const std::string domain =
      registry::login_domain(arguments.operands().empty() ? "docker.io" : arguments.operands().front());
  const registry::Settings settings = registry_settings(arguments, surroundings);
  require_network(settings, "logout");
  const std::string shown = domain == "docker.io" ? "https://index.docker.io/v1/" : domain;
  const bool known = registry::erase_credentials(settings.docker_config, domain, &surroundings.interrupted);
  surroundings.out << (known ? "Removing login credentials for " : "Not logged in to ") << shown << "\n";
  return 0;
}

}  // namespace hallmark::cmd
