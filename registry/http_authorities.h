// SPDX-License-Identifier: Apache-2.0
//
// The certificate authorities that the system trusts, where the transfer library would look for them.
#pragma once

#include <string>

namespace hallmark::registry {

/// A folder that is searched by hash, if there is one: a look-up there costs one small file, where the bundle costs
/// the reading of all of them for each connection. Otherwise the bundle's text.
struct SystemAuthorities {
  std::string folder;
  std::string bundle;
};

SystemAuthorities find_system_authorities();

}  // namespace hallmark::registry
