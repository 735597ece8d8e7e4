// SPDX-License-Identifier: Apache-2.0
#include "registry/open.h"

#include "registry/client.h"
#include "registry/folder.h"
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

}  // namespace

std::unique_ptr<Repository> open_repository(const Settings& settings, const Reference& name, Access access) {
  if (settings.registry_folder.empty()) return std::make_unique<Client>(settings, name, access);
  if (access == Access::pull) require_folder(settings.registry_folder);
  return std::make_unique<FolderRepository>(settings.registry_folder, name);
}

}  // namespace hallmark::registry
