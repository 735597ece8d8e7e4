// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/trust/roles.h"

#include "cmd/commands/trust/role_ends.h"

namespace hallmark::cmd {

std::vector<SignedRole> roles_of(const tuf::Repository& repository) {
  std::vector<SignedRole> roles;
  // A verified repository has these four.
  for (const std::string role : {"root", "targets", "snapshot", "timestamp"}) {
    const tuf::RoleState& state = repository.roles().at(role);
    roles.push_back({role, state, state.key_ids});
  }
  for (const auto& [role, delegation] : repository.delegations()) {
    // A delegation that readers pass over is listed all the same: its owner has to see it.
    const auto found = repository.roles().find(role);
    roles.push_back(
        {role, found == repository.roles().end() ? std::nullopt : std::optional(found->second), delegation.key_ids});
  }
  return roles;
}

void write_roles(const std::vector<SignedRole>& roles, Time now, json::Writer& out) {
  out.begin_array();
  for (const SignedRole& each : roles) {
    out.begin_object().member("Role", each.role);
    // Without it the role has its keys alone (hallmark(1), trust status).
    if (each.state) {
      out.key("Version").integer(each.state->version).member("Expires", to_text(each.state->expires));
      out.key("DaysLeft").integer(days_left(each.state->expires, now));
      out.key("Threshold").integer(each.state->threshold);
    }
    out.key("Keys").begin_array();
    for (const std::string& id : each.keys) out.string(id);
    out.end_array().end_object();
  }
  out.end_array();
}

std::string published_json(const std::string& name, const std::optional<Digest>& digest, const Publisher& publisher,
                           Time now) {
  json::Writer writer(0);
  writer.begin_object().member("Name", name);
  if (digest) writer.member("Digest", digest->to_string());
  write_roles(roles_of(*publisher.repository()), now, writer.key("Roles"));
  return writer.end_object().text();
}

}  // namespace hallmark::cmd
