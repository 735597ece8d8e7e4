// SPDX-License-Identifier: Apache-2.0
#include "registry/metadata/open_trust.h"

#include "registry/metadata/notary.h"
#include "registry/metadata/trust_folder.h"
#include "registry/oci/file_url.h"

namespace hallmark::registry {

std::unique_ptr<TrustServer> open_trust_server(const Settings& settings, const Reference& name, const std::string& gun,
                                               const std::string& server, const std::optional<std::string>& ca_file,
                                               TrustAccess access) {
  if (is_file_url(server)) return std::make_unique<TrustFolder>(folder_of_file_url(server), gun, access);
  return std::make_unique<NotaryServer>(settings, name, gun, server, ca_file, access);
}

}  // namespace hallmark::registry
