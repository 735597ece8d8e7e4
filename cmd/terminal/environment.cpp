// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/environment.h"

#include <algorithm>
#include <array>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// What an empty value must not quietly give way to: another policy, store, registry, trust server, account, set of
/// authorities, platform or time. Docker and others take some of these as unset when they are empty; a script whose
/// variable was never set would then get less protection, or another place, than it asks for.
struct Deciding {
  std::string_view name;
  std::string_view expected;
};
constexpr std::array kDeciding{Deciding{"CONTAINERD_ADDRESS", "the path of a socket"},
                               Deciding{"CONTAINERD_NAMESPACE", "a namespace"},
                               Deciding{"CONTAINERS_REGISTRIES_CONF", "a file"},
                               Deciding{"CONTAINER_HOST", "unix:///PATH"},
                               Deciding{"DOCKER_CONFIG", "a folder"},
                               Deciding{"DOCKER_CONTENT_TRUST", "1 or 0"},
                               Deciding{"DOCKER_CONTENT_TRUST_SERVER", "https://HOST or file:///PATH"},
                               Deciding{"DOCKER_CONTEXT", "the name of a context"},
                               Deciding{"DOCKER_DEFAULT_PLATFORM", "OS/ARCH[/VARIANT]"},
                               Deciding{"DOCKER_HOST", "unix:///PATH"},
                               Deciding{"HALLMARK_POLICY", "a file"},
                               Deciding{"HALLMARK_REGISTRY", "file:///PATH"},
                               Deciding{"HALLMARK_REQUIRE_PUBLISHER", "1 or 0"},
                               Deciding{"HALLMARK_STORE", "a folder"},
                               Deciding{"HOME", "an absolute path"},
                               Deciding{"SOURCE_DATE_EPOCH", "seconds since 1970"},
                               Deciding{"SSL_CERT_DIR", "folders"},
                               Deciding{"SSL_CERT_FILE", "a file"}};

}  // namespace

std::optional<std::string> Environment::variable(const std::string& name) const {
  const auto found = variables.find(name);
  if (found == variables.end()) return std::nullopt;
  if (!found->second.empty()) return found->second;
  const auto* deciding =
      std::find_if(kDeciding.begin(), kDeciding.end(), [&](const auto& one) { return one.name == name; });
  if (deciding == kDeciding.end()) return std::nullopt;
  throw Error(Fault::usage, name + " is set, but empty: expected " + std::string(deciding->expected),
              "give it a value, or take it away: unset " + name);
}

std::optional<fs::path> Environment::home() const {
  const auto home = variable("HOME");
  if (!home) return account.home.is_absolute() ? std::optional(account.home) : std::nullopt;
  // A relative one would have the current folder say what is trusted.
  if (fs::path(*home).is_absolute()) return *home;
  throw Error(Fault::usage, "HOME: expected an absolute path, found " + printable(*home, 300),
              "set HOME, or name the places with --store, --policy and DOCKER_CONFIG");
}

}  // namespace hallmark::cmd
