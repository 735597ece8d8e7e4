// SPDX-License-Identifier: Apache-2.0
#include "policy/file/remarks.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "policy/file/native.h"
#include "policy/judge.h"
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

using Type = Requirement::Type;

bool never_passes(const Requirement& requirement);

/// How many of the branches can count at once, at best.
std::size_t most_that_count(const Requirement& threshold) {
  std::vector<std::set<std::string>> parties;
  for (const Requirement& branch : threshold.of) {
    if (never_passes(branch)) continue;
    std::set<std::string> signers;
    // Who looks on is no party. Otherwise what is not known to be shared is one of its own.
    if (branch.type == Type::audit && !branch.until) continue;
    if (branch.type == Type::system) signers = branch.system->certain_signers();
    const bool is_policy =
        branch.type == Type::accept_anything || branch.type == Type::digest || branch.type == Type::gates;
    if (is_policy) signers.insert("policy");
    if (signers.empty()) signers.insert(branch.pointer);
    parties.push_back(std::move(signers));
  }
  return threshold.distinct == Requirement::Distinct::signer ? most_distinct(std::move(parties)) : parties.size();
}

bool never_passes(const Requirement& requirement) {
  if (requirement.type == Type::reject || requirement.type == Type::unsupported) return true;
  return requirement.type == Type::threshold && most_that_count(requirement) < requirement.k;
}

/// Thresholds that nothing meets: without a remark they are found out by the first pull.
void collect_unmet(const Requirements& requirements, std::vector<std::string>& remarks) {
  for (const Requirement& requirement : requirements) {
    if (requirement.type == Type::threshold && never_passes(requirement)) {
      const std::size_t most = most_that_count(requirement);
      const bool by_signer = requirement.distinct == Requirement::Distinct::signer;
      remarks.push_back(requirement.pointer + ": it never passes: of " + std::to_string(requirement.of.size()) +
                        " branches " + std::to_string(most) + " can count, and k is " + std::to_string(requirement.k) +
                        (by_signer
                             ? R"(; "distinct": "signer" counts those with the same keys once, and two roles of one )"
                               R"(repository have them; "distinct": "requirement" counts each branch)"
                             : ""));
    }
    collect_unmet(requirement.of, remarks);
  }
}

/// What asks about names that nobody is pinned for.
void collect_dead(const Requirements& requirements, const std::string& scope, std::vector<std::string>& remarks) {
  for (const Requirement& requirement : requirements) {
    if (requirement.type == Type::system) {
      const std::string fault = requirement.system->fault_in(scope);
      if (!fault.empty()) remarks.push_back(requirement.pointer + ": it never passes: " + fault);
    }
    collect_dead(requirement.of, scope, remarks);
  }
}

/// A scope of docker as the names inside begin: without its tag or digest. Empty when it is no such name.
std::string names_of(const std::string& scope) {
  if (scope.empty() || scope.starts_with("*.")) return {};
  const std::string name = scope.substr(0, scope.find('@'));
  const std::size_t slash = name.rfind('/');
  // A colon before the path is the port's.
  const std::size_t colon = slash == std::string::npos ? std::string::npos : name.find(':', slash);
  return name.substr(0, colon);
}

void remark_list(const Policy& policy, const Requirements& requirements, std::vector<std::string>& remarks) {
  collect_unsupported(requirements, remarks);
  collect_endless(requirements, remarks);
  collect_unmet(requirements, remarks);
  // A list that rejects is meant to.
  const bool rejects = std::any_of(requirements.begin(), requirements.end(), never_passes);
  if (policy.requires_publisher() && !rejects && !may_rest_on_publisher(requirements)) {
    remarks.push_back(
        requirements.front().pointer +
        R"(: "requirePublisher" refuses all that this list admits: it asks for no publisher's signature)");
  }
}

void remark_freshness(const Policy& policy, std::vector<std::string>& remarks) {
  if (!policy.freshness()) return;
  const Freshness& freshness = *policy.freshness();
  if (freshness.most_age && freshness.most_transit && *freshness.most_transit > *freshness.most_age) {
    remarks.emplace_back("/freshness/maxTransit: it is longer than maxBundleAge, and never refuses anything");
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
  remark_list(policy, policy.fallback(), remarks);
  for (const auto& [transport, scopes] : policy.transports()) {
    remark_transport(transport, scopes, remarks);
    for (const auto& [scope, requirements] : scopes) {
      collect_stores(requirements, used);
      remark_list(policy, requirements, remarks);
      const std::string names = transport == "docker" ? names_of(scope) : std::string();
      if (!names.empty()) collect_dead(requirements, names, remarks);
    }
  }
  remark_freshness(policy, remarks);
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
