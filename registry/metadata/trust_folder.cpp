// SPDX-License-Identifier: Apache-2.0
#include "registry/metadata/trust_folder.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "registry/metadata/trust_file.h"
#include "registry/oci/file_url.h"
#include "store/disk/file.h"
#include "store/disk/unfinished_name.h"
#include "trust/json.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/notary.h"

namespace hallmark::registry {
namespace {

using store::Path;

constexpr std::uint64_t kMostDocumentBytes = std::uint64_t{64} << 20U;

tuf::MetadataReply rejected(std::string detail) {
  return tuf::MetadataReply{tuf::MetadataReply::Kind::rejected, {}, Fault::unavailable, std::move(detail)};
}

Publication refused(std::string detail) {
  return Publication{Publication::Kind::refused, Fault::refused, std::move(detail)};
}

std::int64_t version_of(const std::string& role, ByteView bytes) {
  const json::Value document = json::parse(role, bytes, json::Limits{kMostDocumentBytes, 64, 4'000'000});
  const std::int64_t version = document.object().at("signed").object().at("version").integer();
  // Versions begin with 1 (docs/notary-v1.md, 1.1).
  if (version < 1) fail(Fault::corrupt, "version ", version);
  return version;
}

std::optional<Bytes> file_of(const Path& files, const std::string& name) {
  return store::read_file(files / (name + ".json"), kMostDocumentBytes);
}

/// What readers find: all that the timestamp leads to. Beside it may lie what is left of a publication that was broken
/// off; it counts for nothing.
class Present {
 public:
  explicit Present(const Path& files) : files_(files) {
    const auto timestamp = file_of(files_, "timestamp");
    if (!timestamp) return;
    published_.emplace("timestamp", *timestamp);
    follow("timestamp", tuf::Kind::timestamp);
    if (published_.contains("snapshot")) follow("snapshot", tuf::Kind::snapshot);
  }

  [[nodiscard]] std::optional<Bytes> of(const std::string& role) const {
    const auto found = published_.find(role);
    if (found != published_.end()) return found->second;
    return published_.empty() ? file_of(files_, role) : std::nullopt;
  }
  /// Published documents whose plain name was given to something else.
  [[nodiscard]] std::map<std::string, Bytes> displaced() const {
    std::map<std::string, Bytes> result;
    for (const auto& [role, bytes] : published_) {
      if (file_of(files_, role) != bytes) result.emplace(role, bytes);
    }
    return result;
  }

 private:
  void follow(const std::string& role, tuf::Kind kind) {
    const auto envelope = tuf::Envelope::read(tuf::notary(), role, published_.at(role));
    for (const auto& [name, meta] : tuf::read_listing(tuf::notary(), kind, envelope.content()).meta) {
      published_.emplace(name, listed(role, name, meta));
    }
  }

  [[nodiscard]] Bytes listed(const std::string& by, const std::string& name, const tuf::FileMeta& meta) const {
    check_trust_file(name);
    // The plain name may have gone ahead of the timestamp, in a publication that was broken off. The file with the hash
    // has not.
    std::vector<std::string> places{name};
    for (const Digest& digest : meta.digests) places.push_back(name + "." + digest.hex());
    for (const std::string& place : places) {
      auto bytes = file_of(files_, place);
      if (bytes && tuf::compare(meta, *bytes).fits) return std::move(*bytes);
    }
    fail(Fault::corrupt, "the ", by, " that is there lists ", printable(name, 200), ", which is not");
  }

  const Path& files_;
  std::map<std::string, Bytes> published_;
};

/// The root that the timestamp leads to; nothing when it leads to none.
std::optional<Bytes> counted_root(const Path& files) {
  try {
    return Present(files).of("root");
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    return std::nullopt;
  }
}

/// The state of the directory as it will be.
class Future {
 public:
  Future(const Present& present, const std::map<std::string, Bytes>& sent) : present_(present), sent_(sent) {}

  [[nodiscard]] std::optional<Bytes> of(const std::string& role) const {
    const auto found = sent_.find(role);
    return found != sent_.end() ? found->second : present_.of(role);
  }

  /// Whether a timestamp or snapshot names exactly what will be there. Fault::corrupt, with the reason, if not.
  void check_listing(const std::string& role, tuf::Kind kind) {
    const auto bytes = of(role);
    if (!bytes) fail(Fault::corrupt, "there is no ", role, ": a directory signs none itself");
    listed_.insert(role);
    const auto envelope = tuf::Envelope::read(tuf::notary(), role, *bytes);
    for (const auto& [name, meta] : tuf::read_listing(tuf::notary(), kind, envelope.content()).meta) {
      listed_.insert(name);
      check_trust_file(name);
      const auto listed = of(name);
      if (!listed) fail(Fault::corrupt, "the ", role, " lists ", printable(name, 200), ", which is not there");
      const tuf::FileCheck fit = tuf::compare(meta, *listed);
      if (!fit.fits) fail(Fault::corrupt, "the ", role, " does not fit ", printable(name, 200), ": ", fit.difference);
    }
  }

  /// After the listings: what none of them names would lie there and never be read.
  void check_all_listed() const {
    for (const auto& [role, bytes] : sent_) {
      if (!listed_.contains(role)) fail(Fault::corrupt, "the snapshot does not list ", printable(role, 200));
    }
  }

 private:
  const Present& present_;
  const std::map<std::string, Bytes>& sent_;
  std::set<std::string> listed_;
};

/// Nothing, or why it is a conflict with what is there.
std::optional<std::string> conflict_with(const Present& there, const std::string& role, ByteView sent) {
  const auto present = there.of(role);
  // The very same is no conflict: a publication that was killed is done again.
  if (!present || std::equal(present->begin(), present->end(), sent.begin(), sent.end())) return std::nullopt;
  const std::int64_t old_version = within("what is there", [&] { return version_of(role, *present); });
  const std::int64_t new_version = version_of(role, sent);
  // Readers walk roots by their numbers (docs/notary-v1.md, 5.3): none may be left out.
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

/// The unfinished file lies where it is swept, and in the file system of its place.
void write(const Path& folder, const Path& file, ByteView bytes) {
  store::make_directories(file.parent_path());
  store::replace_file(file, folder / store::unfinished_name(), bytes);
}

/// Into `place`, a folder below `folder`: under their hashes first, then under their plain names.
void write_all(const Path& folder, const Path& place, const std::map<std::string, Bytes>& files) {
  for (const auto& [role, bytes] : files) {
    write(folder, place / (role + "." + Digest::of(bytes).hex() + ".json"), bytes);
    // Readers that saw older roots ask for it by its number.
    if (role == "root") write(folder, place / (std::to_string(version_of(role, bytes)) + ".root.json"), bytes);
  }
  for (const std::string& role : in_order(files)) write(folder, place / (role + ".json"), files.at(role));
}

/// What killed publications left; the lock is held, so nobody works on it.
void sweep_unfinished(const Path& folder) {
  std::error_code error;  // what cannot be seen is left to the next one
  for (std::filesystem::directory_iterator item(folder, error), end; !error && item != end; item.increment(error)) {
    if (store::is_unfinished(item->path().filename().string())) store::discard_tree(item->path());
  }
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

tuf::MetadataReply TrustFolder::fetch(const tuf::MetadataFile& wanted) {
  check_trust_file(wanted.file);
  const Path file = files_ / wanted.file;
  try {
    const auto status = store::status_of(file);
    // A link could lead anywhere, and to read a pipe may never end.
    if (status && !status->is_regular)
      return rejected(wanted.file + ": expected a file, found a link or something else");
    if (status && status->size > wanted.limit) {
      tuf::MetadataReply answer = rejected(wanted.file + ": expected at most " + std::to_string(wanted.limit) +
                                           " bytes, found " + std::to_string(status->size));
      answer.is_over_limit = true;
      return answer;
    }
    auto bytes = store::read_file(file, wanted.limit);
    // A publication that was broken off may have left its root under the plain name, before its timestamp. Readers
    // would hold it against a snapshot that lists the root before it, and the publisher could not go on.
    if (bytes && wanted.file == "root.json") {
      if (auto counted = counted_root(files_); counted && counted->size() <= wanted.limit) bytes = std::move(counted);
    }
    return bytes ? tuf::MetadataReply{tuf::MetadataReply::Kind::found, std::move(*bytes), Fault::unavailable, {}}
                 : absent(wanted.file);
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    return tuf::MetadataReply{tuf::MetadataReply::Kind::unreachable, {}, Fault::local, error.what()};
  }
}

/// A disk that is not there must not look like a publisher who signed nothing.
tuf::MetadataReply TrustFolder::absent(const std::string& file) const {
  if (access_ == TrustAccess::read && !store::status_of(top_)) {
    return tuf::MetadataReply{tuf::MetadataReply::Kind::unreachable,
                              {},
                              Fault::local,
                              printable(top_.string(), 300) + ", the directory of trust data, is not there"};
  }
  return tuf::MetadataReply{tuf::MetadataReply::Kind::missing,
                            {},
                            Fault::unavailable,
                            printable(folder_.string(), 300) + " has no " + printable(file, 200)};
}

Publication TrustFolder::publish(const std::map<std::string, Bytes>& files) {
  for (const auto& [role, bytes] : files) {
    check_trust_file(role);
    store::require_no_link_below(top_, (files_ / role).parent_path());  // targets/releases.json lies a folder deeper
  }
  store::make_directories(folder_);
  store::File lock = store::File::open_lock(folder_ / ".lock");
  lock.lock();
  sweep_unfinished(folder_);
  std::map<std::string, Bytes> all = files;
  try {
    const Present present(files_);
    for (const auto& [role, bytes] : files) {
      const auto conflict = within(printable(role, 200), [&, &name = role, &sent = bytes] {
        static_cast<void>(version_of(name, sent));
        return conflict_with(present, name, sent);
      });
      if (conflict) return Publication{Publication::Kind::conflict, Fault::unavailable, *conflict};
    }
    // A server would refuse what does not fit together. Here it would be in place, and fail every reader.
    Future future(present, files);
    if (!future.of("root")) fail(Fault::corrupt, "there is no root");
    future.check_listing("snapshot", tuf::Kind::snapshot);
    future.check_listing("timestamp", tuf::Kind::timestamp);
    future.check_all_listed();
    // Plain names that a broken publication moved ahead go back to what counts, but for those that are sent now.
    all.merge(present.displaced());
  } catch (const Error& error) {
    // What is wrong with documents is an answer to the publisher. What is wrong with the disk is an error.
    if (error.fault() != Fault::corrupt) throw;
    return refused(printable(folder_.string(), 300) + " rejected it: " + error.what());
  }
  if (store::status_of(files_)) {
    write_all(folder_, files_, all);
  } else {
    // The first time all of it appears in one step: a root without a timestamp could not be gone on with.
    const Path beginning = folder_ / store::unfinished_name();
    write_all(folder_, beginning, all);
    store::rename_over(beginning, files_);
    store::sync_directory(folder_);
  }
  return Publication{Publication::Kind::accepted, Fault::unavailable, {}};
}

tuf::MetadataReply TrustFolder::server_key(const std::string& role) {
  return rejected("a directory of trust data holds no " + printable(role, 80) + " key: the publisher does");
}

tuf::MetadataReply TrustFolder::new_server_key(const std::string& role) { return server_key(role); }

}  // namespace hallmark::registry
