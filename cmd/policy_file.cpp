// SPDX-License-Identifier: Apache-2.0
#include "cmd/policy_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>

#include "store/file.h"
#include "store/quarantine.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// A file of the user that may be as large as a policy may.
constexpr std::uint64_t kMostPolicyBytes = std::uint64_t{4} << 20U;
constexpr std::uint64_t kMostMaterialBytes = std::uint64_t{16} << 20U;
constexpr std::uint64_t kMostMemoryBytes = std::uint64_t{1} << 20U;

fs::path config_home(const Surroundings& surroundings) {
  if (const auto configured = surroundings.variable("XDG_CONFIG_HOME")) return *configured;
  return surroundings.home() / ".config";
}

/// Only a clear "no" passes a place over: a link that leads nowhere or a folder that may not be entered must not
/// quietly give way to a weaker policy.
bool is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::not_found) return false;
  if (type == fs::file_type::none) {
    throw Error(Fault::usage, "policy: " + path.string() + ": " + error.message(),
                "make it readable, or name a policy with --policy");
  }
  return true;
}

std::optional<fs::path> policy_path(const Arguments& arguments, const Surroundings& surroundings) {
  if (const auto named = arguments.value("policy")) return *named;
  if (const auto named = surroundings.variable("HALLMARK_POLICY")) return *named;
  for (const fs::path& usual : {config_home(surroundings) / "hallmark" / "policy.json",
                                fs::path("/etc/hallmark/policy.json"), fs::path("/etc/containers/policy.json")}) {
    if (is_there(usual)) return usual;
  }
  return std::nullopt;
}

/// Who could put other bytes here. In a sticky folder only the owner of a file can put another in its place.
void check_owner(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return;  // reading it says why
  const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  std::string why;
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) why = "belongs to user " + std::to_string(status.st_uid);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_folder) why = "can be written by others";
  if (why.empty()) return;
  throw Error(Fault::usage, "policy: " + path.string() + " " + why + "; expected this user or root, and nobody else",
              "chown it and chmod go-w, or pass --insecure-policy-perms");
}

/// Links are resolved once; a pipe has no folder that could be written to.
void check_owners(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error || !fs::is_regular_file(real, error)) return;
  for (; real != real.root_path(); real = real.parent_path()) check_owner(real);
}

/// A file that a person named: it must exist. Links are followed, and a pipe will do.
Bytes read_named(const fs::path& path, std::uint64_t most_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status)) {
    fail(Fault::usage, "policy: ", path.string(), ": ", error ? error.message() : "no such file");
  }
  std::ifstream file(path, std::ios::binary);
  if (fs::is_directory(status) || !file) fail(Fault::usage, "policy: ", path.string(), ": cannot be read");
  Bytes bytes;
  for (std::istreambuf_iterator<char> next(file), end; next != end; ++next) {
    if (bytes.size() == most_bytes)
      fail(Fault::usage, "policy: ", path.string(), ": larger than ", most_bytes, " bytes");
    bytes.push_back(static_cast<std::uint8_t>(*next));
  }
  return bytes;
}

fs::path memory_path(const fs::path& store) { return store / ".hallmark" / "policies.json"; }

using Serials = std::map<std::string, std::int64_t>;

Serials read_serials(const fs::path& store) {
  Serials serials;
  const fs::path path = memory_path(store);
  try {
    const auto bytes = store::read_file(path, kMostMemoryBytes);
    if (!bytes) return serials;
    const json::Value value = json::parse("policies.json", *bytes);
    for (const auto& [name, serial] : value.object().members()) serials.emplace(name, serial.integer());
  } catch (const Error& error) {
    throw Error(error.fault(), "the remembered policy serials cannot be read: " + path.string() + ": " + error.what(),
                "restore the file, or remove it, which gives up what protects from older policies");
  }
  return serials;
}

bool is_counted(const std::optional<policy::Policy>& policy) {
  return policy && !policy->name().empty() && policy->serial();
}

}  // namespace

std::optional<policy::Policy> policy_in_force(const Arguments& arguments, const Surroundings& surroundings) {
  const auto path = policy_path(arguments, surroundings);
  if (!path) return std::nullopt;
  const bool any_owner = arguments.truth("insecure-policy-perms", false);
  const auto read = [any_owner](const fs::path& named, std::uint64_t most_bytes) {
    if (!any_owner) check_owners(named);
    return read_named(named, most_bytes);
  };
  const Bytes bytes = read(*path, kMostPolicyBytes);
  return policy::Policy::parse(path->string(), bytes,
                               [&read](const std::string& name) { return read(name, kMostMaterialBytes); });
}

std::optional<std::int64_t> PolicyMemory::highest(const std::optional<policy::Policy>& policy) const {
  if (!is_counted(policy)) return std::nullopt;
  const Serials serials = read_serials(store_);
  const auto found = serials.find(policy->name());
  return found == serials.end() ? std::nullopt : std::optional(found->second);
}

void PolicyMemory::remember(const std::optional<policy::Policy>& policy) const {
  if (!is_counted(policy) || highest(policy) == policy->serial()) return;
  const store::StoreLock lock(store_);
  Serials serials = read_serials(store_);
  serials[policy->name()] = *policy->serial();
  json::Writer writer(1);
  writer.begin_object();
  for (const auto& [name, serial] : serials) writer.key(name).integer(serial);
  const std::string text = writer.end_object().text() + "\n";
  store::replace_file(memory_path(store_), memory_path(store_).string() + ".new", view_of(text));
}

}  // namespace hallmark::cmd
