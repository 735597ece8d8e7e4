// SPDX-License-Identifier: Apache-2.0
#include "registry/trust_folder.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "registry/folder_place.h"
#include "registry/trust_file.h"
#include "store/file.h"
#include "trust/json.h"
#include "trust/tuf/metadata.h"

namespace hallmark::registry {
namespace {

using store::Path;

constexpr std::uint64_t kMostDocumentBytes = std::uint64_t{64} << 20U;

tuf::Answer rejected(std::string detail) {
  return tuf::Answer{tuf::Answer::Kind::rejected, {}, Fault::unavailable, std::move(detail)};
}

Publication refused(std::string detail) {
  return Publication{Publication::Kind::refused, Fault::refused, std::move(detail)};
}

std::int64_t version_of(const std::string& role, ByteView bytes) {
  const json::Value document = json::parse(role, bytes, json::Limits{kMostDocumentBytes, 64, 4'000'000});
  const std::int64_t version = document.object().at("signed").object().at("version").integer();
  if (version < 1) fail(Fault::corrupt, "version ", version);
  return version;
}

/// The state of the directory as it will be.
class Future {
 public:
  Future(const Path& files, const std::map<std::string, Bytes>& sent) : files_(files), sent_(sent) {}

  [[nodiscard]] std::optional<Bytes> of(const std::string& role) const {
    const auto found = sent_.find(role);
    if (found != sent_.end()) return found->second;
    return store::read_file(files_ / (role + ".json"), kMostDocumentBytes);
  }

  /// Whether a timestamp or snapshot names exactly what will be there. Fault::corrupt, with the reason, if not.
  void check_listing(const std::string& role, tuf::Kind kind) const {
    const auto bytes = of(role);
    if (!bytes) fail(Fault::corrupt, "there is no ", role, ": a directory signs none itself");
    const auto envelope = tuf::Envelope::read(tuf::notary(), role, *bytes);
    for (const auto& [name, meta] : tuf::read_listing(tuf::notary(), kind, envelope.content()).meta) {
      check_trust_file(name);
      const auto listed = of(name);
      if (!listed) fail(Fault::corrupt, "the ", role, " lists ", printable(name, 200), ", which is not there");
      const tuf::Fit fit = tuf::compare(meta, *listed);
      if (!fit.fits) fail(Fault::corrupt, "the ", role, " does not fit ", printable(name, 200), ": ", fit.difference);
    }
  }

 private:
  const Path& files_;
  const std::map<std::string, Bytes>& sent_;
};

/// Nothing, or why it is a conflict with what is there.
std::optional<std::string> conflict_with(const Path& files, const std::string& role, ByteView sent) {
  const auto present = store::read_file(files / (role + ".json"), kMostDocumentBytes);
  if (!present || std::equal(present->begin(), present->end(), sent.begin(), sent.end())) return std::nullopt;
  const std::int64_t old_version = within("what is there", [&] { return version_of(role, *present); });
  const std::int64_t new_version = version_of(role, sent);
  const bool follows = role == "root" ? new_version == old_version + 1 : new_version > old_version;
  if (follows) return std::nullopt;
  return role + " has version " + std::to_string(old_version) + " there, version " + std::to_string(new_version) +
         " does not follow";
}

/// Readers begin with the timestamp: everything it leads to is there before it.
std::vector<std::string> in_order(const std::map<std::string, Bytes>& files) {
  static const std::vector<std::string> kLast = {"snapshot", "root", "timestamp"};
  std::vector<std::string> roles;
  for (const auto& [role, bytes] : files) {
    if (std::find(kLast.begin(), kLast.end(), role) == kLast.end()) roles.push_back(role);
  }
  for (const std::string& role : kLast) {
    if (files.contains(role)) roles.push_back(role);
  }
  return roles;
}

void write(const Path& folder, const Path& file, ByteView bytes) {
  store::make_directories(file.parent_path());
  store::replace_file(file, folder / unfinished_name(), bytes);
}

}  // namespace

TrustFolder::TrustFolder(const Path& folder, const std::string& gun, TrustAccess access)
    : top_(folder), folder_(folder / Path(gun) / "_trust"), files_(folder_ / "tuf"), gun_(gun), access_(access) {
  try {
    check_trust_file(gun);
  } catch (const Error&) {
    fail(Fault::usage, "\"", printable(gun, 200), "\" is no name of a repository");
  }
}

tuf::Answer TrustFolder::fetch(const tuf::Wanted& wanted) {
  check_trust_file(wanted.file);
  const Path file = files_ / wanted.file;
  try {
    const auto status = store::status_of(file);
    if (status && !status->is_regular)
      return rejected(wanted.file + ": expected a file, found a link or something else");
    if (status && status->size > wanted.limit) {
      return rejected(wanted.file + ": expected at most " + std::to_string(wanted.limit) + " bytes, found " +
                      std::to_string(status->size));
    }
    auto bytes = store::read_file(file, wanted.limit);
    return bytes ? tuf::Answer{tuf::Answer::Kind::found, std::move(*bytes), Fault::unavailable, {}}
                 : absent(wanted.file);
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    return tuf::Answer{tuf::Answer::Kind::unreachable, {}, Fault::local, error.what()};
  }
}

/// A disk that is not there must not look like a publisher who signed nothing.
tuf::Answer TrustFolder::absent(const std::string& file) const {
  if (access_ == TrustAccess::read && !store::status_of(top_)) {
    return tuf::Answer{tuf::Answer::Kind::unreachable,
                       {},
                       Fault::local,
                       printable(top_.string(), 300) + ", the directory of trust data, is not there"};
  }
  return tuf::Answer{
      tuf::Answer::Kind::missing,
      {},
      Fault::unavailable,
      printable(folder_.string(), 300) + " does not have trust data for " + gun_ + " (" + printable(file, 200) + ")"};
}

Publication TrustFolder::publish(const std::map<std::string, Bytes>& files) {
  for (const auto& [role, bytes] : files) check_trust_file(role);
  store::make_directories(folder_);
  store::File lock = store::File::open_lock(folder_ / ".lock");
  lock.lock();
  try {
    for (const auto& [role, bytes] : files) {
      const auto conflict = within(printable(role, 200), [&, &name = role, &sent = bytes] {
        static_cast<void>(version_of(name, sent));
        return conflict_with(files_, name, sent);
      });
      if (conflict) return Publication{Publication::Kind::conflict, Fault::unavailable, *conflict};
    }
    const Future future(files_, files);
    if (!future.of("root")) fail(Fault::corrupt, "there is no root");
    future.check_listing("snapshot", tuf::Kind::snapshot);
    future.check_listing("timestamp", tuf::Kind::timestamp);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return refused(printable(folder_.string(), 300) + " rejected it: " + error.what());
  }
  for (const auto& [role, bytes] : files) {
    write(folder_, files_ / (role + "." + Digest::of(bytes).hex() + ".json"), bytes);
    if (role == "root") write(folder_, files_ / (std::to_string(version_of(role, bytes)) + ".root.json"), bytes);
  }
  for (const std::string& role : in_order(files)) write(folder_, files_ / (role + ".json"), files.at(role));
  return Publication{Publication::Kind::accepted, Fault::unavailable, {}};
}

tuf::Answer TrustFolder::server_key(const std::string& role) {
  return rejected("a directory of trust data holds no " + printable(role, 80) + " key: the publisher does");
}

tuf::Answer TrustFolder::new_server_key(const std::string& role) { return server_key(role); }

Publication TrustFolder::remove() {
  if (store::status_of(files_)) {
    store::File lock = store::File::open_lock(folder_ / ".lock");
    lock.lock();
    // Out of sight in one step; readers see all or nothing.
    const Path removed = folder_ / unfinished_name();
    store::rename_over(files_, removed);
    store::sync_directory(folder_);
    store::discard_tree(removed);
  }
  return Publication{Publication::Kind::accepted, Fault::unavailable, {}};
}

}  // namespace hallmark::registry
