// SPDX-License-Identifier: Apache-2.0
//
// Trust data of one repository where an address says it is: a Notary server or a directory.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "registry/settings.h"
#include "registry/trust_server.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// `server`: "https://..." or "file:///...", as trust_server_for() gives it. Fault::usage for any other.
std::unique_ptr<TrustServer> open_trust_server(const Settings& settings, const Reference& name, const std::string& gun,
                                               const std::string& server, const std::optional<std::string>& ca_file,
                                               TrustAccess access);

}  // namespace hallmark::registry
