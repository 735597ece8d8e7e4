// SPDX-License-Identifier: Apache-2.0
#include "registry/config/endpoints.h"

#include "registry/config/daemon_json.h"
#include "registry/config/registries_conf.h"
#include "registry/http/shown_address.h"
#include "registry/http/url.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// "https://HOST[:PORT][/]"; http says that the host is insecure, as docker has it.
Endpoint docker_mirror(const std::string& address, const Reference& name, const std::filesystem::path& file) {
  try {
    const Url url = Url::parse(address);
    if (url.target() != "/") fail(Fault::usage, "a mirror is a host, without path and query");
    const Reference there = Reference::parse(url.authority() + "/" + name.path());
    // "https://mirror" would become the path mirror/... at Docker Hub, and another registry be asked.
    const bool is_that_host = there.domain() == url.authority();
    if (!is_that_host) fail(Fault::usage, "\"", url.authority(), "\" is no host that names can begin with");
    return {there, !url.is_secure()};
  } catch (const Error& error) {
    throw Error(
        Fault::usage,
        file.string() + ": registry-mirrors: \"" + shown_address(address) + "\" cannot be used: " + error.what(),
        "write https://HOST[:PORT]");
  }
}

}  // namespace

Endpoints endpoints_for(const Settings& settings, const Reference& name) {
  const std::vector<RegistryRule> rules = read_registries_conf(settings.registries_conf);
  Endpoints endpoints{{name, false}, {}};
  // Where registries.conf speaks of the name, docker's mirrors do not.
  if (const RegistryRule* const rule = rule_for(rules, name)) {
    if (rule->blocked) {
      throw Error(Fault::refused, name.familiar_repository() + ": " + rule->prefix + " is blocked in " + rule->place,
                  "whoever wrote that file does not want this registry to be used");
    }
    if (!rule->location.empty()) endpoints.primary.name = rewrite(name, *rule, rule->location);
    endpoints.primary.insecure = rule->insecure;
    for (const Location& mirror : rule->mirrors) {
      endpoints.mirrors.push_back({rewrite(name, *rule, mirror.text), mirror.insecure});
    }
    return endpoints;
  }
  // docker's mirrors stand for Docker Hub alone.
  if (name.domain() != "docker.io") return endpoints;
  for (const std::filesystem::path& file : settings.daemon_configs) {
    for (const std::string& address : daemon_list(file, "registry-mirrors")) {
      endpoints.mirrors.push_back(docker_mirror(address, name, file));
    }
  }
  return endpoints;
}

Settings settings_for(const Settings& settings, const Reference& name, const Endpoint& endpoint) {
  Settings adapted = settings;
  adapted.is_the_named_host = endpoint.name.domain() == name.domain();
  // As addresses have it, where the port of https is left out.
  if (endpoint.insecure) adapted.insecure_hosts.push_back(Url::parse("https://" + endpoint.name.domain()).authority());
  return adapted;
}

}  // namespace hallmark::registry
