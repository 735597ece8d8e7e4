// SPDX-License-Identifier: Apache-2.0
#include "cmd/state/policy_in_force.h"

#include <map>

#include "policy/file/reader.h"
#include "store/disk/file.h"
#include "store/disk/owner.h"
#include "store/disk/trusted_file.h"
#include "store/layout/quarantine.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// A file of the user that may be as large as a policy may.
constexpr std::uint64_t kMostPolicyBytes = std::uint64_t{4} << 20U;
/// Of one file that the policy names: a key, a root, a certificate.
constexpr std::uint64_t kMostMaterialBytes = std::uint64_t{16} << 20U;
/// Of the serials: one for each name of a policy that was ever obeyed.
constexpr std::uint64_t kMostMemoryBytes = std::uint64_t{1} << 20U;

/// Only a clear "no" passes a place over: a link that leads nowhere or a folder that may not be entered must not
/// quietly give way to a weaker policy.
bool is_there(const fs::path& path) {
  std::error_code error;
  // Not followed: a link is there, wherever it leads, and reading it will tell.
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::not_found) return false;
  if (type == fs::file_type::none) {
    throw Error(Fault::usage, "policy: " + path.string() + ": " + error.message(),
                "make it readable, or name a policy with --policy");
  }
  return true;
}

policy::Policy read_policy(const fs::path& path, bool any_owner) {
  // What the policy names decides as much as its own text, and is held to the same owner.
  const Bytes bytes = store::read_trusted("policy", path, kMostPolicyBytes, any_owner);
  return policy::read_policy(path.string(), bytes, [any_owner](const std::string& name) {
    return store::read_trusted("policy", name, kMostMaterialBytes, any_owner);
  });
}

fs::path memory_path(const fs::path& store) { return store / ".hallmark" / "policies.json"; }

using Serials = std::map<std::string, std::int64_t>;

Serials read_serials(const fs::path& store) {
  Serials serials;
  const fs::path path = memory_path(store);
  // Who can write this file can have an older policy obeyed.
  store::require_own_below("the remembered policy serials", path.parent_path().parent_path(), path);
  try {
    const auto status = store::status_of(path);
    if (!status) return serials;
    const auto bytes = store::read_file(path, kMostMemoryBytes);
    if (!bytes) fail(Fault::corrupt, "it is no regular file");
    const json::Value value = json::parse("policies.json", *bytes);
    for (const auto& [name, serial] : value.object().members()) serials.emplace(name, serial.integer());
  } catch (const Error& error) {
    throw Error(error.fault(), "the remembered policy serials cannot be read: " + path.string() + ": " + error.what(),
                "restore the file, or remove it, which gives up what protects from older policies");
  }
  return serials;
}

/// Without a name nobody could say of which policy a serial is; without a serial none is older.
bool is_counted(const std::optional<policy::Policy>& policy) {
  return policy && !policy->name().empty() && policy->serial();
}

}  // namespace

std::optional<fs::path> policy_path(const PolicyChoice& choice) {
  // Even when it is not there: a slip in the name must not lead to a weaker policy, or to none.
  if (choice.named) return choice.named;
  for (const fs::path& usual : choice.usual) {
    if (is_there(usual)) return usual;
  }
  return std::nullopt;
}

std::optional<policy::Policy> policy_in_force(const PolicyChoice& choice) {
  const auto path = policy_path(choice);
  return path ? std::optional(read_policy(*path, choice.any_owner)) : std::nullopt;
}

std::optional<policy::Policy> read_policy_again(const PolicyChoice& choice,
                                                const std::optional<policy::Policy>& before) {
  // The one that it began with, wherever the search would end now: one that is gone must not give way to a weaker one.
  const auto path = before ? std::optional<fs::path>(before->path()) : policy_path(choice);
  if (!path) return std::nullopt;
  // A pipe gives its bytes once.
  return store::is_descriptor(*path) ? before : std::optional(read_policy(*path, choice.any_owner));
}

std::optional<std::int64_t> PolicyMemory::highest(const std::optional<policy::Policy>& policy) const {
  if (!is_counted(policy)) return std::nullopt;
  const Serials serials = read_serials(store_);
  const auto found = serials.find(policy->name());
  return found == serials.end() ? std::nullopt : std::optional(found->second);
}

void PolicyMemory::remember(const std::optional<policy::Policy>& policy, bool rollback_accepted,
                            const store::StoreLock* held) const {
  if (!is_counted(policy) || highest(policy) == policy->serial()) return;
  std::optional<store::StoreLock> own;
  if (held == nullptr) own.emplace(store_);
  // Another run may have obeyed a newer one since this one decided.
  Serials serials = read_serials(store_);
  const auto known = serials.find(policy->name());
  if (known != serials.end() && *policy->serial() < known->second && !rollback_accepted) {
    throw Error(Fault::refused, ErrorCode{"POLICY_ROLLBACK", ErrorCode::Place::behind},
                "the policy was overtaken: expected serial " + std::to_string(known->second) + " or higher, found " +
                    std::to_string(*policy->serial()),
                "try again with the policy that is in force now");
  }
  serials[policy->name()] = *policy->serial();
  json::Writer writer(1);
  writer.begin_object();
  for (const auto& [name, serial] : serials) writer.key(name).integer(serial);
  const std::string text = writer.end_object().text() + "\n";
  store::replace_file(memory_path(store_), memory_path(store_).string() + ".new", view_of(text));
}

}  // namespace hallmark::cmd
