// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include "trust/system/scope.h"

namespace hallmark::policy {

std::string Policy::repository(const Reference& name) const {
  // Clients take REG.EXAMPLE:443 for reg.example, so that spelling must not escape a scope of the native dialect.
  // The other dialect's tools compare what was written, and the same file has to give the same answer here.
  return dialect_ == PolicyDialect::native ? name.gun() : name.repository();
}

Match Policy::match(const Reference& name) const {
  Match match;
  // For whatever returns without a match. Both readers refuse a file without a default.
  match.requirements = &default_;
  // Names of archives are docker references as well, so no other transport is looked at.
  const auto docker = transports_.find("docker");
  if (docker == transports_.end()) return match;
  // The other dialect's tools drop a tag beside a digest before they ask the policy.
  const bool is_by_digest = dialect_ == PolicyDialect::containers && name.digest();
  for (std::string& key : lookup_keys(repository(name), is_by_digest ? name.at_digest(*name.digest()) : name)) {
    const auto scope = docker->second.find(key);
    // Told by `policy match` and in the record: a person sees which narrower scopes were not there.
    match.tried.push_back(key);
    if (scope == docker->second.end()) continue;
    match.transport = "docker";
    match.scope = std::move(key);
    // The first one ends it. Nothing of a wider scope is inherited, so a narrow list may also ask for less.
    match.requirements = &scope->second;
    return match;
  }
  return match;
}

}  // namespace hallmark::policy
