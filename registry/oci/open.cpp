// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/open.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "registry/config/endpoints.h"
#include "registry/oci/client.h"
#include "registry/oci/folder.h"
#include "registry/oci/mirrored.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// A disk that is not there must not look like a registry without images.
void require_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  const std::string why = error ? error.message() : "not a folder";
  throw Error(Fault::usage, "cannot use " + printable(folder.string(), 300) + " as a registry: " + why,
              "look at --registry and HALLMARK_REGISTRY; the first push makes the folder");
}

/// There is somebody else to ask: a mirror is not waited for.
constexpr int kMirrorTries = 2;
constexpr std::chrono::seconds kMirrorWait{1};

std::unique_ptr<Repository> open_route(const Settings& settings, const Reference& name, Access access) {
  const Endpoints endpoints = endpoints_for(settings, name);
  const Endpoint& primary = endpoints.primary;
  if (primary.name.repository() != name.repository() && settings.trace) {
    settings.trace(name.repository() + " is at " + primary.name.repository());
  }
  auto client = std::make_unique<Client>(settings_for(settings, name, primary), primary.name, access);
  // What is pushed is for the registry itself. A mirror has no say in it.
  if (access == Access::push || endpoints.mirrors.empty()) return client;
  std::vector<MirroredRepository::Mirror> mirrors;
  for (const Endpoint& mirror : endpoints.mirrors) {
    Settings impatient = settings_for(settings, name, mirror);
    impatient.most_tries = std::min(impatient.most_tries, kMirrorTries);
    impatient.timing.longest_wait = std::min(impatient.timing.longest_wait, kMirrorWait);
    mirrors.push_back({mirror.name.repository(), std::make_unique<Client>(impatient, mirror.name, Access::pull)});
  }
  return std::make_unique<MirroredRepository>(std::move(client), std::move(mirrors), settings.notice, settings.trace);
}

}  // namespace

std::unique_ptr<Repository> open_repository(const Settings& settings, const Reference& name, Access access) {
  // A folder stands for all registries: neither registries.conf nor a mirror is looked at then.
  if (settings.registry_folder.empty()) return open_route(settings, name, access);
  if (access == Access::pull) require_folder(settings.registry_folder);
  return std::make_unique<FolderRepository>(settings.registry_folder, name);
}

}  // namespace hallmark::registry
