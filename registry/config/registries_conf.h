// SPDX-License-Identifier: Apache-2.0
//
// registries.conf of the containers tools, version 2: where registries really are, their mirrors, and which are
// blocked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/settings.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// HOST[:PORT][/PATH], where names begin or where they lead to.
struct Location {
  std::string text;
  bool insecure;
};

/// One [[registry]].
struct RegistryRule {
  std::string prefix;    ///< of names, HOST[:PORT][/PATH] or *.HOST; "docker.io" for all its spellings
  std::string location;  ///< takes the place of the prefix; empty: the name says it itself
  bool insecure;
  bool blocked;
  std::vector<Location> mirrors;  ///< those that may be asked by digest
  std::string place;              ///< "FILE:LINE"
};

/// Of all files, the later ones before the earlier ones where both speak of a prefix. Fault::usage, with file and line,
/// for what is not understood: version 1, unknown keys, locations that are none.
std::vector<RegistryRule> read_registries_conf(const RegistriesConf& conf);

/// The rule with the longest prefix that the name begins with, if there is one.
const RegistryRule* rule_for(const std::vector<RegistryRule>& rules, const Reference& name);

/// The name at a place that stands for the rule's prefix. Fault::usage when that makes no name.
Reference rewrite(const Reference& name, const RegistryRule& rule, const std::string& location);

}  // namespace hallmark::registry
