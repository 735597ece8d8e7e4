// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/policy/text.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "cmd/cli/locations.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

constexpr std::size_t kMostListed = 3;

/// "a or b or c or 4 more"
std::string any_of(const std::vector<std::string>& list) {
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), kMostListed); ++i) {
    text += (i == 0 ? "" : " or ") + printable(list[i], 200);
  }
  return list.size() > kMostListed ? text + " or " + std::to_string(list.size() - kMostListed) + " more" : text;
}

/// In the largest unit that leaves nothing over: a reviewer compares it with a rule.
std::string exactly(std::chrono::seconds span) {
  for (const auto& [seconds, unit] : {std::pair(86400, "day"), {3600, "hour"}, {60, "minute"}}) {
    if (span.count() % seconds != 0) continue;
    const auto count = span.count() / seconds;
    return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
  }
  return std::to_string(span.count()) + " seconds";
}

std::string exactly(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + kUnits[unit];
}

using Parts = std::vector<std::string>;

void add_reference(const policy::Gates::Reference& gate, Parts& parts) {
  if (gate.digest_required) parts.emplace_back("asked for by digest");
  if (gate.tag_pattern) parts.push_back("tag like " + printable(gate.tag_pattern->text(), 200));
  if (!gate.forbidden_tags.empty()) parts.push_back("tag not " + any_of(gate.forbidden_tags));
}

void add_size(const policy::Gates::Size& gate, Parts& parts) {
  if (gate.most_compressed) parts.push_back("layers of at most " + exactly(*gate.most_compressed));
  if (gate.most_uncompressed) parts.push_back("inflated to at most " + exactly(*gate.most_uncompressed));
  if (gate.largest_layer) parts.push_back("each layer at most " + exactly(*gate.largest_layer));
  if (gate.most_layers) parts.push_back("at most " + std::to_string(*gate.most_layers) + " layers");
}

void add_types(const policy::Gates::MediaTypes& gate, Parts& parts) {
  if (!gate.manifest.empty()) parts.push_back("manifest of type " + any_of(gate.manifest));
  if (!gate.config.empty()) parts.push_back("config of type " + any_of(gate.config));
  if (!gate.layer.empty()) parts.push_back("layers of type " + any_of(gate.layer));
}

void add_config(const policy::Gates::Config& gate, Parts& parts) {
  if (gate.non_root) parts.emplace_back("user not root");
  if (!gate.users.empty()) parts.push_back("user " + any_of(gate.users));
  for (const auto& [name, match] : gate.labels) parts.push_back("label " + printable(name, 120) + " " + match.shown());
  for (const policy::Pattern& one : gate.forbidden_environment) {
    parts.push_back("no variable like " + printable(one.text(), 200));
  }
  if (gate.volumes_forbidden) parts.emplace_back("no volumes");
  if (gate.entrypoint_required) parts.emplace_back("an entrypoint");
  if (gate.highest_port) parts.push_back("no port above " + std::to_string(*gate.highest_port));
}

/// Each gate with its limit: "created at most 90 days ago; user not root".
std::string words_of(const policy::Gates& gates) {
  Parts parts;
  if (gates.reference) add_reference(*gates.reference, parts);
  if (!gates.platforms.empty()) parts.push_back("platform " + any_of(gates.platforms));
  if (gates.media_types) add_types(*gates.media_types, parts);
  if (gates.size) add_size(*gates.size, parts);
  if (gates.age) {
    parts.push_back("created at most " + exactly(gates.age->most) + " ago" +
                    (gates.age->missing_allowed ? ", or without a date" : ""));
  }
  if (gates.config) add_config(*gates.config, parts);
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

using Type = policy::Requirement::Type;

/// What it asks, but for the requirements inside it.
std::string asked_by(const policy::Requirement& requirement) {
  switch (requirement.type) {
    case Type::digest: {
      std::vector<std::string> digests;
      for (const Digest& digest : requirement.allow) digests.push_back(digest.to_string());
      return any_of(digests);
    }
    case Type::gates: return words_of(*requirement.gates);
    case Type::reject: return printable(requirement.message, 300);
    case Type::system: return requirement.system->words();
    case Type::threshold:
      return std::to_string(requirement.k) +
             (requirement.distinct == policy::Requirement::Distinct::signer ? " by different signers" : "") + " of";
    case Type::audit: return requirement.until ? "until " + to_text(*requirement.until) + " only told" : "only told";
    case Type::unsupported: return "never passes yet";
    case Type::accept_anything: break;
  }
  return {};
}

std::string words_of(const policy::Requirement& requirement) {
  std::string text = requirement.type_name;
  if (!requirement.id.empty()) text += " " + requirement.id;
  const std::string asked = asked_by(requirement);
  if (!asked.empty()) {
    text += ": " + asked;
  } else if (!requirement.store.empty()) {
    text += " " + requirement.store;
  }
  return text;
}

}  // namespace

std::string words_of(const policy::Requirements& requirements) {
  std::string text;
  for (const policy::Requirement& requirement : requirements) {
    text += (text.empty() ? "" : " and ") + words_of(requirement);
    // In parentheses: a list within a list reads otherwise like more requirements of the outer one.
    if (!requirement.of.empty()) text += " (" + words_of(requirement.of) + ")";
  }
  return text;
}

std::vector<std::string> lines_of(const policy::Requirements& requirements) {
  std::vector<std::string> lines;
  for (const policy::Requirement& requirement : requirements) {
    lines.push_back(words_of(requirement));
    for (const std::string& line : lines_of(requirement.of)) lines.push_back("  " + line);
  }
  return lines;
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
