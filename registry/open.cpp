// SPDX-License-Identifier: Apache-2.0
#include "registry/open.h"

#include "registry/client.h"
#include "registry/folder.h"

namespace hallmark::registry {

std::unique_ptr<Repository> open_repository(const Settings& settings, const Reference& name, Access access) {
  if (!settings.registry_folder.empty()) return std::make_unique<FolderRepository>(settings.registry_folder, name);
  return std::make_unique<Client>(settings, name, access);
}

}  // namespace hallmark::registry
