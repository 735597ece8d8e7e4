// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include "trust/error.h"
#include "trust/system/scope.h"

namespace hallmark::policy {

std::string Policy::repository(const Reference& name) const {
  return dialect_ == PolicyDialect::native ? name.gun() : name.repository();
}

Match Policy::match(const Reference& name) const {
  if (dialect_ == PolicyDialect::containers && name.tag() && name.digest()) {
    throw Error(Fault::usage, "Docker references with both a tag and digest are currently not supported",
                "ask for NAME@DIGEST, or write the policy in the native dialect");
  }
  Match match;
  match.requirements = &default_;
  const auto docker = transports_.find("docker");
  if (docker == transports_.end()) return match;
  for (std::string& key : lookup_keys(repository(name), name)) {
    const auto scope = docker->second.find(key);
    match.tried.push_back(key);
    if (scope == docker->second.end()) continue;
    match.transport = "docker";
    match.scope = std::move(key);
    match.requirements = &scope->second;
    return match;
  }
  return match;
}

}  // namespace hallmark::policy
