// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/locations.h"

#include <algorithm>

#include "cmd/cli/options.h"
#include "registry/oci/file_url.h"
#include "registry/server/token_server_rule.h"
#include "store/disk/owner.h"
#include "trust/error.h"
#include "trust/quantity.h"
#include "trust/shown.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// Where nothing is, as systems name the home of those who have none.
constexpr const char* kNoHome = "/nonexistent";

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto value = environment.variable(name)) return *value;
  }
  return {};
}

/// Where images and trust data are: --registry, $HALLMARK_REGISTRY; --trust-server, $DOCKER_CONTENT_TRUST_SERVER.
void set_places(registry::Settings& settings, const Arguments& arguments, const Environment& environment) {
  const bool typed = arguments.has("registry");
  const auto registry = typed ? arguments.value("registry") : environment.variable("HALLMARK_REGISTRY");
  if (registry) {
    settings.registry_folder =
        within(typed ? "--registry" : "HALLMARK_REGISTRY", [&] { return registry::folder_of_file_url(*registry); });
  }
  const auto server = arguments.value("trust-server");
  settings.trust_server = server ? *server : first_of(environment, {"DOCKER_CONTENT_TRUST_SERVER"});
  // Without a choice a registry is its own trust server; so is the folder that stands in for it.
  if (settings.trust_server.empty() && registry) settings.trust_server = *registry;
}

/// Whether a variable that protects is set.
bool is_switched_on(const Environment& environment, const char* name) {
  const auto variable = environment.variable(name);
  // Anything but a clear "no" is a yes, as docker has it: a typing mistake must not switch protection off.
  return variable && truth_of(*variable).value_or(true);
}

}  // namespace

std::optional<fs::path> base_directory(const Environment& environment, const std::string& name) {
  const auto value = environment.variable(name);
  // A relative one would have the folder in which somebody stands say which policy or store counts.
  if (!value || !fs::path(*value).is_absolute()) return std::nullopt;
  return fs::path(*value);
}

fs::path store_directory(const Arguments& arguments, const Environment& environment) {
  if (const auto named = arguments.value("store")) return *named;
  if (const auto named = environment.variable("HALLMARK_STORE")) return *named;
  // Root's images are those of the machine, whoever's home root was given by sudo.
  if (environment.is_root) return "/var/lib/hallmark";
  if (const auto data = base_directory(environment, "XDG_DATA_HOME")) return *data / "hallmark";
  if (const auto home = environment.home()) return *home / ".local" / "share" / "hallmark";
  throw Error(Fault::usage, "there is no place for the store: HOME is not set, and this user has no home",
              "name one: --store FOLDER, HALLMARK_STORE or XDG_DATA_HOME");
}

fs::path docker_config(const Environment& environment) {
  if (const auto named = environment.variable("DOCKER_CONFIG")) return *named;
  return environment.home().value_or(kNoHome) / ".docker";
}

bool content_trust(const Arguments& arguments, const Environment& environment) {
  // docker's flag counts more than its variable, in both directions. Neither touches what a policy demands.
  return !arguments.truth("disable-content-trust", !is_switched_on(environment, "DOCKER_CONTENT_TRUST"));
}

std::string who_requires_publisher(const Arguments& arguments, const Environment& environment) {
  const bool by_variable = is_switched_on(environment, "HALLMARK_REQUIRE_PUBLISHER");
  if (!arguments.truth("require-publisher", by_variable)) return {};
  return arguments.has("require-publisher") ? "--require-publisher" : "HALLMARK_REQUIRE_PUBLISHER";
}

fs::path config_home(const Environment& environment) {
  if (const auto configured = base_directory(environment, "XDG_CONFIG_HOME")) return *configured;
  return environment.home().value_or(kNoHome) / ".config";
}

/// Without XDG_CONFIG_HOME, as the containers tools have it for these files.
fs::path containers_home(const Environment& environment) {
  return environment.home().value_or(kNoHome) / ".config" / "containers";
}

PolicyChoice policy_choice(const Arguments& arguments, const Environment& environment) {
  PolicyChoice choice;
  choice.any_owner = arguments.truth("insecure-policy-perms", false);
  auto named = arguments.value("policy");
  // The own policy before the machine's, and containers-policy.json only where there is none of ours.
  if (!named) named = environment.variable("HALLMARK_POLICY");
  if (named) {
    choice.named = *named;
  } else {
    choice.usual = {config_home(environment) / "hallmark" / "policy.json", "/etc/hallmark/policy.json",
                    containers_home(environment) / "policy.json", "/etc/containers/policy.json"};
  }
  // Each run says it: a flag in a script is soon forgotten.
  if (const auto path = choice.any_owner ? policy_path(choice) : std::nullopt) {
    environment.console.print("warning: it was not checked who can write " + printable(path->string(), 300));
  }
  return choice;
}

namespace {

/// --token-server and $HALLMARK_TOKEN_SERVERS, which has commas between them: each takes away, so that both count.
std::vector<registry::NamedTokenServer> token_servers(const Arguments& arguments, const Environment& environment) {
  std::vector<registry::NamedTokenServer> named;
  for (const std::string& typed : arguments.values("token-server")) {
    named.push_back(within("--token-server", [&] { return registry::parse_named_token_server(typed); }));
  }
  // Not by variable(): set and empty it names nothing, which is an error like any other name that cannot be read.
  const auto variable = environment.variables.find("HALLMARK_TOKEN_SERVERS");
  if (variable == environment.variables.end()) return named;
  std::string_view text = variable->second;
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    named.push_back(
        within("HALLMARK_TOKEN_SERVERS", [&] { return registry::parse_named_token_server(text.substr(0, comma)); }));
    if (!is_last) text.remove_prefix(comma + 1);
  }
  return named;
}

/// docker's: that of the machine, and that of an engine which this user runs.
std::vector<fs::path> daemon_configs(const Environment& environment) {
  return {"/etc/docker/daemon.json", config_home(environment) / "docker" / "daemon.json"};
}

/// --registries-conf, $CONTAINERS_REGISTRIES_CONF; else the user's own before the machine's, and the drop-ins of both.
registry::RegistriesConf registries_conf(const Arguments& arguments, const Environment& environment) {
  registry::RegistriesConf conf;
  const auto typed = arguments.value("registries-conf");
  conf.chosen = typed ? *typed : first_of(environment, {"CONTAINERS_REGISTRIES_CONF"});
  const fs::path own = containers_home(environment);
  // The first file that is there counts alone; of the folders each later one adds to those before.
  conf.files = {own / "registries.conf", "/etc/containers/registries.conf"};
  conf.folders = {"/etc/containers/registries.conf.d", own / "registries.conf.d"};
  return conf;
}

/// DOCKER_AUTH_CONFIG of docker, and the files of the containers tools: REGISTRY_AUTH_FILE, else where podman's login
/// puts them. An empty variable is none, as those who made them say.
registry::CredentialPlaces credential_places(const Environment& environment) {
  registry::CredentialPlaces places;
  places.docker_auth_config = first_of(environment, {"DOCKER_AUTH_CONFIG"});
  places.registry_auth_file = first_of(environment, {"REGISTRY_AUTH_FILE"});
  if (!places.registry_auth_file.empty()) return places;
  const auto runtime = base_directory(environment, "XDG_RUNTIME_DIR");
  const fs::path shared = fs::path("/run/containers") / std::to_string(environment.account.number);
  places.auth_files = {runtime ? *runtime / "containers" / "auth.json" : shared / "auth.json",
                       config_home(environment) / "containers" / "auth.json"};
  return places;
}

void set_waits(registry::Timing& timing, const Environment& environment) {
  const auto read = [&](const char* name) {
    const auto text = environment.variable(name);
    return text ? std::optional(parse_wait(name, *text)) : std::nullopt;
  };
  if (const auto wait = read("HALLMARK_CONNECT_TIMEOUT")) timing.connect = timing.trust_connect = *wait;
  if (const auto wait = read("HALLMARK_STALL_TIMEOUT")) timing.stall = *wait;
  if (const auto wait = read("HALLMARK_FIRST_BYTE_TIMEOUT")) {
    timing.first_byte = *wait;
    // A document that may begin so late may not have to end before.
    timing.document = std::max(timing.document, *wait);
  }
}

/// What others could change is told here, and refused by whoever finds that it decides.
void tell_open_files(const registry::Settings& settings, Console& console) {
  std::vector<fs::path> files{settings.docker_config / "config.json", settings.docker_config / "trust"};
  if (settings.registries_conf.chosen.empty()) {
    files.insert(files.end(), settings.registries_conf.files.begin(), settings.registries_conf.files.end());
    files.insert(files.end(), settings.registries_conf.folders.begin(), settings.registries_conf.folders.end());
  } else {
    files.push_back(settings.registries_conf.chosen);
  }
  for (const fs::path& file : files) {
    std::error_code error;
    if (!fs::exists(file, error)) continue;
    const std::string trouble = store::trouble_at(file);
    if (!trouble.empty()) console.print("warning: " + printable(file.string(), 300) + ": " + trouble);
  }
}

}  // namespace

void require_network(const registry::Settings& settings, std::string_view command) {
  if (settings.registry_folder.empty()) return;
  throw Error(
      Fault::usage,
      printable(settings.registry_folder.string(), 300) + " is a folder, which needs no " + std::string(command),
      "for a registry on the network leave out --registry and HALLMARK_REGISTRY");
}

registry::Settings registry_settings(const Arguments& arguments, const Environment& environment) {
  registry::Settings settings{};
  settings.docker_config = docker_config(environment);
  settings.credential_places = credential_places(environment);
  // Where docker and notary look for the CA of a registry and of a trust server.
  settings.certificate_roots = {"/etc/docker/certs.d", settings.docker_config / "tls"};
  settings.daemon_configs = daemon_configs(environment);
  settings.registries_conf = registries_conf(arguments, environment);
  settings.authority_file = first_of(environment, {"SSL_CERT_FILE"});
  settings.authority_folders = first_of(environment, {"SSL_CERT_DIR"});
  // A CGI program's HTTP_PROXY is the Proxy header of whoever asked it.
  const bool cgi = environment.variable("REQUEST_METHOD").has_value();
  // Capitals first, as Go has it, and with it docker: both may be set, and differ.
  settings.http_proxy =
      cgi ? first_of(environment, {"http_proxy"}) : first_of(environment, {"HTTP_PROXY", "http_proxy"});
  settings.https_proxy = first_of(environment, {"HTTPS_PROXY", "https_proxy"});
  settings.no_proxy = first_of(environment, {"NO_PROXY", "no_proxy"});
  set_places(settings, arguments, environment);
  settings.token_servers = token_servers(arguments, environment);
  // Only where somebody reads a line can a line be the whole protection: elsewhere a new token server is refused.
  settings.has_reader = environment.err_is_terminal;
  settings.user_agent = std::string("hallmark/") + HALLMARK_VERSION + " (linux)";
  set_waits(settings.timing, environment);
  settings.interrupted = &environment.interrupted;
  settings.plain_http = arguments.truth("plain-http", false);
  tell_open_files(settings, environment.console);
  const Console::Printer print = [&console = environment.console](const std::string& line) {
    // Servers have their say in these lines: what turns or hides text is escaped here for all of them.
    console.print(shown_text(line, "\t"));
  };
  settings.notice = print;
  settings.trace = arguments.truth("verbose", false) ? print : [](const std::string& /*line*/) {};
  return settings;
}

}  // namespace hallmark::cmd
