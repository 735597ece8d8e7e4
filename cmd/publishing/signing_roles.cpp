// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/signing_roles.h"

#include <algorithm>

#include "trust/error.h"
#include "trust/text.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

bool is_first_level(const std::string& role) {
  constexpr std::string_view kTop = "targets/";
  return role.starts_with(kTop) && role.find('/', kTop.size()) == std::string::npos;
}

bool may_name(const tuf::DelegatedRole& role, const std::string& tag) {
  return std::any_of(role.paths.begin(), role.paths.end(),
                     [&](const std::string& path) { return tuf::notary().covers(path, tag); });
}

[[noreturn]] void refuse_outside(const std::string& gun, const std::string& tag, const std::string& roles) {
  throw Error(Fault::missing, gun + ": the tag " + tag + " is outside of what may be signed in " + roles,
              "hallmark trust delegation ls shows the paths of each role; there is no key here for another");
}

std::vector<std::string> named_roles(const std::string& gun, const tuf::Repository* now, const std::string& tag,
                                     const std::vector<std::string>& named) {
  for (const std::string& role : named) {
    if (role == "targets") continue;
    const bool is_there = now != nullptr && now->delegations().contains(role);
    if (!is_there) {
      throw Error(Fault::missing, "\"" + printable(role, 80) + "\" is no role of " + gun + " that signs tags",
                  "roles are targets and those that hallmark trust delegation ls lists");
    }
    if (!may_name(now->delegations().at(role), tag)) refuse_outside(gun, tag, role);
  }
  return named;
}

/// What of it cannot be signed here, in words; empty when it can be.
std::string what_lacks(const Publisher& publisher, const tuf::Draft& draft, const std::string& role) {
  if (draft.is_out_of_reach(role)) return "too few of its keys have signed it, and readers pass over it";
  const tuf::NeededKeys needed = draft.signers(role);
  if (publisher.has_keys(needed)) return {};
  return "it needs " + std::to_string(needed.threshold) + " of its keys, and so many are not here";
}

/// Those that can be signed; all of them when none can be, for the reason is told by whoever tries.
std::vector<std::string> signable(const Publisher& publisher, const tuf::Draft& draft,
                                  const std::vector<std::string>& roles, const std::string& tag) {
  std::vector<std::string> here;
  std::vector<std::string> warnings;
  for (const std::string& role : roles) {
    const std::string lacks = what_lacks(publisher, draft, role);
    if (lacks.empty()) {
      here.push_back(role);
    } else {
      warnings.push_back("warning: " + tag + " is not signed in " + role + ": " + lacks);
    }
  }
  if (here.empty()) return roles;
  for (const std::string& warning : warnings) publisher.warn(warning);
  return here;
}

}  // namespace

std::vector<std::string> signing_roles(const Publisher& publisher, const tuf::Draft& draft, const tuf::Repository* now,
                                       const std::string& tag, const std::vector<std::string>& named) {
  const std::string& gun = publisher.gun();
  if (!named.empty()) return named_roles(gun, now, tag, named);
  // Once there are delegations, docker signs tags in them alone.
  if (now == nullptr || now->delegations().empty()) return {"targets"};
  std::vector<std::string> roles;
  std::string elsewhere;
  for (const auto& [role, listed] : now->delegations()) {
    if (!is_first_level(role) || !publisher.has_key_of(listed.key_ids)) continue;
    if (may_name(listed, tag)) {
      roles.push_back(role);
    } else {
      elsewhere += (elsewhere.empty() ? "" : ", ") + role;
    }
  }
  if (!roles.empty()) return signable(publisher, draft, roles, tag);
  if (!elsewhere.empty()) refuse_outside(gun, tag, elsewhere);
  throw Error(
      Fault::missing,
      gun + ": no signing key for one of its delegations is in " + printable(publisher.keys().folder().string(), 300),
      "load your key with hallmark trust key load, or have it added as a signer");
}

}  // namespace hallmark::cmd
