// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include "trust/error.h"
#include "trust/system/scope.h"

namespace hallmark::policy {

std::string Policy::repository(const Reference& name) const {
  // Clients take REG.EXAMPLE:443 for reg.example, so that spelling must not escape a scope of the native dialect.
  // The other dialect's tools compare what was written, and the same file has to give the same answer here.
  return dialect_ == PolicyDialect::native ? name.gun() : name.repository();
}

Match Policy::match(const Reference& name) const {
  // A file that allowed here what its own tools refuse would mean two things.
  if (dialect_ == PolicyDialect::containers && name.tag() && name.digest()) {
    throw Error(Fault::usage, "Docker references with both a tag and digest are currently not supported",
                "ask for NAME@DIGEST, or write the policy in the native dialect");
  }
  Match match;
  // For whatever returns without a match. Both readers refuse a file without a default.
  match.requirements = &default_;
  // Names of archives are docker references as well, so no other transport is looked at.
  const auto docker = transports_.find("docker");
  if (docker == transports_.end()) return match;
  for (std::string& key : lookup_keys(repository(name), name)) {
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
