// SPDX-License-Identifier: Apache-2.0
//
// The certificate authorities that the system trusts, where the transfer library would look for them, and those that
// the settings name.
#pragma once

#include <string>

#include "registry/settings.h"

namespace hallmark::registry {

/// A folder that is searched by hash, if there is one: a look-up there costs one small file, where the bundle costs
/// the reading of all of them for each connection. Otherwise the bundle's text, which then is what the library trusts
/// by itself. `added` is to be trusted besides.
struct SystemAuthorities {
  std::string folder;
  std::string bundle;
  std::string added;
};

/// Fault::usage when the file that the settings name cannot be used.
/// Fault::usage, too, when others could write what is found: who adds an authority there can be every server.
SystemAuthorities find_system_authorities(const Settings& settings);

}  // namespace hallmark::registry
