// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/policy/text.h"

#include "cmd/cli/locations.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

// The groups of gates alone: their limits are in the file, and would not fit a line.
std::string words_of(const policy::Gates& gates) {
  std::string text;
  const auto add = [&text](bool is_there, const char* word) {
    if (is_there) text += (text.empty() ? " " : ", ") + std::string(word);
  };
  add(gates.reference.has_value(), "reference");
  add(!gates.platforms.empty(), "platforms");
  add(gates.media_types.has_value(), "mediaTypes");
  add(gates.size.has_value(), "size");
  add(gates.age.has_value(), "age");
  add(gates.config.has_value(), "config");
  return text;
}

}  // namespace

std::string words_of(const policy::Requirements& requirements) {
  using Type = policy::Requirement::Type;
  std::string text;
  for (const policy::Requirement& requirement : requirements) {
    text += (text.empty() ? "" : " and ") + requirement.type_name;
    // What it asks for stands in parentheses: a list within a list reads otherwise like more requirements of the outer
    // one.
    if (requirement.type == Type::threshold) {
      text += " " + std::to_string(requirement.k) + " of (" + words_of(requirement.of) + ")";
    } else if (requirement.type == Type::audit) {
      text += " (" + words_of(requirement.of) + ")";
      // Before that it refuses nothing, and from then on all in the parentheses must pass.
      if (requirement.until) text += " until " + to_text(*requirement.until);
    } else if (requirement.gates) {
      text += words_of(*requirement.gates);
    }
    if (!requirement.store.empty()) text += " " + requirement.store;
  }
  return text;
}

std::string words_of(policy::PolicyDialect dialect) {
  return dialect == policy::PolicyDialect::native ? "hallmark 1" : "containers-policy.json";
}

policy::Policy present_policy(const Arguments& arguments, const Environment& environment) {
  auto policy = policy_in_force(policy_choice(arguments, environment));
  if (!policy) {
    // Elsewhere no policy is a state with rules of its own; here it leaves nothing to tell.
    throw Error(Fault::missing, "no policy file found",
                "looked at --policy, HALLMARK_POLICY, hallmark/policy.json in the configuration folder, "
                "/etc/hallmark/policy.json and /etc/containers/policy.json");
  }
  return std::move(*policy);
}

}  // namespace hallmark::cmd
