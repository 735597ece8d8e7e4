// SPDX-License-Identifier: Apache-2.0
//
// hallmark login: checks a password where a pull would use it, and keeps it where docker looks for it; and logout,
// which forgets it.
#include "registry/server/login.h"

#include <ostream>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/terminal/prompt.h"
#include "registry/config/credential_store.h"
#include "registry/config/login_domain.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

std::string user_name(const Arguments& arguments) {
  std::string user = arguments.value("username").value_or("");
  // Standard input has the password: the name cannot be asked for there.
  if (user.empty() && arguments.truth("password-stdin", false)) {
    fail(Fault::usage, "the --password-stdin option requires --username to be set");
  }
  if (user.empty()) user = ask_line("Username: ");
  if (user.empty()) fail(Fault::usage, "username is empty");
  return user;
}

std::string password(const Arguments& arguments, Environment& environment) {
  const auto typed = arguments.value("password");
  if (typed && arguments.truth("password-stdin", false)) {
    fail(Fault::usage, "--password and --password-stdin are mutually exclusive");
  }
  // Other users see it in the list of processes, and it stays in the history of the shell. Docker warns in these words.
  if (typed) environment.err << "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n";
  if (typed && !typed->empty()) return *typed;
  // All of standard input without its line end, so that a password may have blanks.
  if (arguments.truth("password-stdin", false)) return read_secret();
  std::string secret = ask_secret("Password: ");
  if (secret.empty()) fail(Fault::usage, "password is empty");
  return secret;
}

/// Whoever is logging in needs no advice to log in.
registry::CheckedCredentials checked_credentials(const registry::Settings& settings, const std::string& domain,
                                                 const std::string& user, const std::string& secret) {
  try {
    return registry::check_credentials(settings, domain, user, secret);
  } catch (const Error& error) {
    // A registry that cannot be reached says nothing about the password.
    if (error.fault() != Fault::unauthorized) throw;
    throw Error(error.fault(), error.what(),
                "check the user name and the password; where an account has a second factor or signs in elsewhere, "
                "the registry wants an access token in the place of the password");
  }
}

}  // namespace

Options login_options() {
  Options options("login [OPTIONS] [SERVER]", "Log in to a registry; without SERVER to Docker Hub",
                  "hallmark login --username ci --password-stdin registry.example <password.txt");
  options.value("username,u", "NAME", "Username")
      .value("password,p", "PASSWORD", "Password: better given by --password-stdin")
      .flag("password-stdin", "Take the password from standard input")
      .flag("plain-http", "Allow http where https is not spoken")
      .operands(0, 1);
  return options;
}

int login(const Arguments& arguments, Environment& environment) {
  const std::string domain =
      registry::login_domain(arguments.operands().empty() ? "docker.io" : arguments.operands().front());
  const registry::Settings settings = registry_settings(arguments, environment);
  // A folder that stands in for registries knows no passwords: success would mean nothing.
  require_network(settings, "login");
  const std::string user = user_name(arguments);
  const std::string secret = password(arguments, environment);
  const auto checked = checked_credentials(settings, domain, user, secret);
  // An open registry takes any password, also a wrong one. It is kept all the same.
  if (!checked.was_asked) environment.err << "warning: " << domain << " did not ask for credentials\n";
  // After the check: a wrong password does not take the place of a good one.
  registry::store_credentials(settings.docker_config, domain, checked.to_keep, settings.interrupted);
  environment.out << "Login Succeeded\n";
  return 0;
}

Options logout_options() {
  Options options("logout [SERVER]", "Log out from a registry; without SERVER from Docker Hub",
                  "hallmark logout registry.example");
  options.operands(0, 1);
  return options;
}

int logout(const Arguments& arguments, Environment& environment) {
  const std::string domain =
      registry::login_domain(arguments.operands().empty() ? "docker.io" : arguments.operands().front());
  const registry::Settings settings = registry_settings(arguments, environment);
  require_network(settings, "logout");
  // Docker calls the hub by the address under which it keeps its password.
  const std::string shown = domain == "docker.io" ? "https://index.docker.io/v1/" : domain;
  const bool known = registry::erase_credentials(settings.docker_config, domain, &environment.interrupted);
  environment.out << (known ? "Removing login credentials for " : "Not logged in to ") << shown << "\n";
  return 0;
}

}  // namespace hallmark::cmd
