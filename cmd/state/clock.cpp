// SPDX-License-Identifier: Apache-2.0
#include "cmd/state/clock.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/disk/file.h"
#include "store/disk/owner.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "freshness.json";
/// A few thousand signers.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20U;

policy::ClockMemory parse(ByteView bytes) {
  const json::Value value = json::parse("freshness.json", bytes);
  const json::Object& object = value.object();
  // What an unknown member means cannot be obeyed, so that the file is refused, never taken in part.
  object.allow_only({"highWater", "bundles"});
  policy::ClockMemory memory;
  memory.high_water = parse_time(object.at("highWater").string());
  for (const auto& [signer, item] : object.at("bundles").object().members()) {
    item.object().allow_only({"created", "statement"});
    memory.seen.emplace(signer, policy::SeenBundle{parse_time(item.object().at("created").string()),
                                                   Digest::parse(item.object().at("statement").string())});
  }
  return memory;
}

std::string to_text(const policy::ClockMemory& memory) {
  json::Writer writer(1);
  writer.begin_object().member("highWater", hallmark::to_text(memory.high_water.value())).key("bundles").begin_object();
  for (const auto& [signer, seen] : memory.seen) {
    writer.key(signer).begin_object().member("created", hallmark::to_text(seen.created));
    writer.member("statement", seen.statement.to_string()).end_object();
  }
  return writer.end_object().end_object().text() + "\n";
}

/// Of two memories what is later.
void merge(policy::ClockMemory& memory, const policy::ClockMemory& other) {
  if (other.high_water) memory.high_water = std::max(memory.high_water, other.high_water);
  for (const auto& [signer, seen] : other.seen) {
    const auto known = memory.seen.find(signer);
    if (known == memory.seen.end() || known->second.created < seen.created) memory.seen.insert_or_assign(signer, seen);
  }
}

policy::ClockMemory read(const fs::path& path) {
  try {
    // Only what is not there is empty. A link that leads nowhere is there.
    if (!store::status_of(path)) return {};
    const auto bytes = store::read_file(path, kMostBytes);
    if (!bytes) fail(Fault::corrupt, "it is no regular file");
    return parse(*bytes);
  } catch (const Error& error) {
    throw Error(error.fault(), printable(path.string(), 300) + ": " + error.what(),
                "it holds the newest bundles that were loaded; restore it, or remove it knowing that older ones will "
                "then be taken");
  }
}

void write(const fs::path& path, const policy::ClockMemory& learned) {
  // Read under the lock, and merged: another run may have written since this one was judged.
  policy::ClockMemory memory = read(path);
  const policy::ClockMemory before = memory;
  merge(memory, learned);
  if (memory != before) store::replace_file(path, path.string() + ".new", view_of(to_text(memory)));
}

/// A folder that is not there yet can be made, or the lock's error says why not.
bool can_write(const fs::path& folder) { return ::access(folder.c_str(), W_OK) == 0 || errno == ENOENT; }

store::File locked(const fs::path& path) {
  store::make_directories(path.parent_path());
  // A link in its place could lead the lock, and the memory beside it, to where nobody else waits.
  store::require_no_link(path.parent_path());
  store::File file = store::File::open_lock(path);
  file.lock();
  return file;
}

}  // namespace

ClockFile::ClockFile(const fs::path& store, const std::optional<policy::Policy>& policy)
    : own_(store / ".hallmark"),
      path_(policy && policy->freshness() && policy->freshness()->state ? fs::path(*policy->freshness()->state)
                                                                        : own_ / kFile) {}

policy::ClockMemory ClockFile::load() const {
  const std::string what = "the remembered bundles and times";
  policy::ClockMemory memory = read(own_ / kFile);
  // Who can write it can take the time back, or a bundle out of it.
  store::require_own_below(what, own_.parent_path(), own_ / kFile);
  memory.place = (own_ / kFile).string();
  if (path_ == own_ / kFile) return memory;
  const policy::ClockMemory named = read(path_);
  if (named.high_water > memory.high_water) memory.place = path_.string();
  merge(memory, named);
  store::require_own(what, path_);
  return memory;
}

ClockFile::Lock ClockFile::lock() const {
  // Several stores may share one memory, and policies with memories of their own one store. That of the store comes
  // first, so that nobody waits in a ring.
  store::File of_store = locked(own_ / "load.lock");
  std::error_code absent;
  // One file as both locks would have this run wait for itself.
  if (fs::equivalent(own_ / "load.lock", path_.string() + ".lock", absent)) {
    fail(Fault::usage, "freshness.state: ", printable(path_.string(), 300), " is a name that the store has for itself");
  }
  if (path_ == own_ / kFile || !can_write(path_.parent_path())) return {std::move(of_store), std::nullopt};
  return {std::move(of_store), locked(path_.string() + ".lock")};
}

void ClockFile::save(const policy::ClockMemory& learned, const Lock& /*lock*/) const {
  // In the store as well: a policy that names no place tomorrow must not forget.
  write(own_ / kFile, learned);
  if (path_ != own_ / kFile) write(path_, learned);
}

void ClockFile::raise(Time now, const Lock& lock) const {
  const Time latest = std::max(now, load().high_water.value_or(now));
  // Each for itself: the policy may name another one tomorrow, or none.
  const auto raise_one = [latest](const fs::path& path) {
    const std::optional<Time> there = read(path).high_water;
    if (!there || latest - *there >= std::chrono::minutes(1)) write(path, {latest, {}});
  };
  raise_one(own_ / kFile);
  if (lock.of_memory_) raise_one(path_);
}

}  // namespace hallmark::cmd
