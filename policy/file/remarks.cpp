// SPDX-License-Identifier: Apache-2.0
#include "policy/file/remarks.h"

#include <iterator>
#include <set>

#include "policy/file/native.h"
#include "trust/error.h"
#include "trust/json_pointer.h"
#include "trust/system/scope.h"
#include "trust/system/values.h"

namespace hallmark::policy {
namespace {

using trust::shown;

/// Also what branches and audits name.
void collect_stores(const Requirements& requirements, std::set<std::string>& used) {
  for (const Requirement& requirement : requirements) {
    if (!requirement.store.empty()) used.insert(requirement.store);
    collect_stores(requirement.of, used);
  }
}

/// An audit without an end never begins to refuse.
void collect_endless(const Requirements& requirements, std::vector<std::string>& remarks) {
  for (const Requirement& requirement : requirements) {
    if (requirement.type == Requirement::Type::audit && !requirement.until) {
      remarks.push_back(requirement.pointer + ": without \"until\" this audit never refuses anything");
    }
    collect_endless(requirement.of, remarks);
  }
}

/// They load and never pass, so every image below them is refused.
void collect_unsupported(const Requirements& requirements, std::vector<std::string>& remarks) {
  for (const Requirement& requirement : requirements) {
    if (requirement.type == Requirement::Type::unsupported) {
      remarks.push_back(requirement.pointer + ": " + requirement.type_name + " is not supported yet and never passes");
    }
    collect_unsupported(requirement.of, remarks);
  }
}

void remark_waivers(const Policy& policy, std::vector<std::string>& remarks) {
  const BreakGlass& rule = policy.break_glass();
  // Both load and waive nothing: better found out now than in the emergency.
  if (rule.is_allowed && rule.waivable.empty()) {
    remarks.emplace_back("/breakGlass: without \"waivable\" it waives nothing");
  } else if (rule.is_allowed && !rule.audit && !policy.audit().file) {
    remarks.emplace_back("/breakGlass: no file is named for its record, so it waives nothing");
  }
}

/// Lists that meet names which nobody thought of. The native dialect has no such default.
void remark_open_lists(const Policy& policy, std::vector<std::string>& remarks) {
  if (accepts_anything(policy.fallback())) {
    remarks.emplace_back("/default: every image that no scope names is accepted unverified");
  }
  const auto docker = policy.transports().find("docker");
  if (docker == policy.transports().end()) return;
  const auto open = docker->second.find("");
  if (open != docker->second.end() && accepts_anything(open->second)) {
    remarks.emplace_back("/transports/docker/: every image that no other scope names is accepted unverified");
  }
}

void remark_transport(const std::string& transport, const Policy::Scopes& scopes, std::vector<std::string>& remarks) {
  // The other dialect takes any text for a transport, and this goes to a terminal.
  const std::string pointer = printable(member_of("/transports", transport), 300);
  if (!is_known_transport(transport)) {
    remarks.push_back(pointer + ": there is no transport of this name; nothing in it ever applies");
    return;
  }
  if (transport != "docker") {
    remarks.push_back(pointer + ": no command of this version takes images from there");
    return;
  }
  for (const auto& [scope, requirements] : scopes) {
    // The native dialect refuses it. The other one loads it, as its tools do.
    if (const std::string fault = strict_scope_fault(transport, scope); !fault.empty()) {
      std::string text = pointer;
      text += ": scope " + shown(scope) + " may match nothing: " + fault;
      remarks.push_back(std::move(text));
      continue;
    }
    // Nothing is inherited: whoever wrote the wider list as the least that all need is told.
    for (const std::string& wider : namespaces(scope)) {
      if (wider == scope || !scopes.contains(wider)) continue;
      std::string text = pointer;
      text += ": the requirements of " + shown(wider) + " do not hold inside " + shown(scope);
      remarks.push_back(std::move(text));
    }
  }
}

}  // namespace

std::vector<std::string> remarks_on(const Policy& policy) {
  std::vector<std::string> remarks;
  remark_open_lists(policy, remarks);
  std::set<std::string> used;
  collect_stores(policy.fallback(), used);
  collect_unsupported(policy.fallback(), remarks);
  collect_endless(policy.fallback(), remarks);
  for (const auto& [transport, scopes] : policy.transports()) {
    remark_transport(transport, scopes, remarks);
    for (const auto& [scope, requirements] : scopes) {
      collect_stores(requirements, used);
      collect_unsupported(requirements, remarks);
      collect_endless(requirements, remarks);
    }
  }
  remark_waivers(policy, remarks);
  for (const auto& [name, store] : policy.stores()) {
    std::vector<std::string> of_store = store->remarks("/stores/" + name);
    std::move(of_store.begin(), of_store.end(), std::back_inserter(remarks));
  }
  // What is written and not named is often a rule that somebody forgot.
  if (policy.freshness()) used.insert(policy.freshness()->signers.begin(), policy.freshness()->signers.end());
  for (const auto& [name, key] : policy.keys()) {
    if (!used.contains(name)) remarks.push_back("/stores/" + name + ": \"bundleSigners\" does not name it");
  }
  for (const auto& [name, store] : policy.stores()) {
    if (!used.contains(name)) remarks.push_back("/stores/" + name + ": no requirement uses it");
  }
  return remarks;
}

}  // namespace hallmark::policy
