// SPDX-License-Identifier: Apache-2.0
#include "store/layout/quarantine.h"

#include <optional>
#include <random>
#include <set>
#include <system_error>

#include "store/layout/kept_blobs.h"
#include "store/layout/layout.h"
#include "store/layout/reachable.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr const char* kLockFile = "lock";
/// Whose layers come from where they can be asked for again: what is left of such a run is kept.
constexpr const char* kPullMark = "pull";
constexpr std::size_t kNameBytes = 8;
/// Begins the name by which a blob in place is known here until it is settled: the journal of a commit, and of a
/// removal.
constexpr std::string_view kPlaced = "placed-";

File open_store_lock(const Path& directory) {
  // A link in the place of our folder would lead what is written, and what is swept, elsewhere.
  require_no_link(own_folder(directory));
  make_directories(own_folder(directory));
  return File::open_lock(lock_path(directory));
}

std::optional<Digest> placed_digest(const std::string& file) {
  if (!file.starts_with(kPlaced)) return std::nullopt;
  return digest_of_file(file.substr(kPlaced.size()));
}

bool is_same_file(const Path& a, const Path& b) {
  const auto first = status_of(a);
  const auto second = status_of(b);
  return first && second && first->device == second->device && first->inode == second->inode;
}

/// Blobs in place that are the very files of this folder.
std::vector<Digest> placed(const Path& directory, const Path& folder) {
  std::vector<Digest> digests;
  std::error_code error;
  for (std::filesystem::directory_iterator item(folder, error), end; !error && item != end; item.increment(error)) {
    const std::optional<Digest> digest = placed_digest(item->path().filename().string());
    // A blob that another run has put there since is not this folder's to take back.
    if (digest && is_same_file(item->path(), blob_path(directory, *digest))) digests.push_back(*digest);
  }
  if (error) fail(Fault::local, "cannot list ", printable(folder.string(), 300), ": ", error.message());
  return digests;
}

void take_back(const Path& directory, const Path& folder) {
  const std::vector<Digest> candidates = placed(directory, folder);
  if (candidates.empty()) return;
  // Another run may have committed an image with the same blob: what an entry needs stays.
  const Reachable reachable = reachable_from(directory, LayoutIndex::read(directory).entries());
  if (!reachable.unclear.empty()) return;
  for (const Digest& digest : candidates) {
    if (!reachable.digests.contains(digest)) remove_file(blob_path(directory, digest));
  }
}

std::string random_name() {
  std::random_device device;
  Bytes raw(kNameBytes);
  for (auto& byte : raw) byte = static_cast<std::uint8_t>(device());
  return hex_of(raw);
}

/// Under the store's lock, so that no other run sees a folder before it is locked.
void sweep(const Path& directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator item(staging_folder(directory), error), end; !error && item != end;
       item.increment(error)) {
    try {
      // Only what random_name() makes is a run's folder; whatever else lies here is not ours to remove.
      const std::string name = item->path().filename().string();
      const bool is_run =
          name.size() == 2 * kNameBytes && name.find_first_not_of("0123456789abcdef") == std::string::npos;
      // Never a link of that name: what it leads to is not ours.
      if (!is_run || !std::filesystem::is_directory(item->symlink_status())) continue;
      // A run holds this lock while it lives, and the system lets go of it however the run ends.
      if (!File::open_lock(item->path() / kLockFile).try_lock()) continue;
      // What it put in place for an image that never came, before the folder that remembers it.
      take_back(directory, item->path());
      if (status_of(item->path() / kPullMark)) KeptBlobs(directory).keep_all_of(item->path());
      discard_tree(item->path());
    } catch (const Error&) {
      // What cannot be swept today (another user's, a damaged index) must not keep this run from its work.
      continue;
    }
  }
}

Path make_folder(const Path& directory) {
  require_no_link(staging_folder(directory));
  make_directories(staging_folder(directory));
  sweep(directory);
  for (;;) {
    Path folder = staging_folder(directory) / random_name();
    if (!make_private_directory(folder)) continue;
    KeptBlobs(directory).trim(KeptBlobs::kMostBytes);
    return folder;
  }
}

File lock_folder(const Path& folder) {
  File lock = File::open_lock(folder / kLockFile);
  // The name is new and the store is locked, so no run of this program can hold it.
  if (!lock.try_lock()) fail(Fault::local, "another program has locked ", printable(folder.string(), 300));
  return lock;
}

}  // namespace

StoreLock::StoreLock(const Path& directory) : file_(open_store_lock(directory)) { file_.lock(); }

Quarantine::Quarantine(const Path& directory) : Quarantine(directory, make(directory)) {}

Quarantine::Quarantine(Path directory, Made made)
    : directory_(std::move(directory)), folder_(std::move(made.folder)), lock_(std::move(made.lock)) {}

Quarantine::Made Quarantine::make(const Path& directory) {
  const StoreLock store_lock(directory);
  Path folder = make_folder(directory);
  try {
    File lock = lock_folder(folder);
    return {std::move(folder), std::move(lock)};
  } catch (const Error&) {
    discard_tree(folder);
    throw;
  }
}

Path Quarantine::path_of(const Digest& digest) const { return folder_ / blob_file_name(digest); }
Path Quarantine::path_of_unnamed(std::size_t number) const { return folder_ / ("unnamed-" + std::to_string(number)); }
Path Quarantine::placed_path(const Digest& digest) const {
  return folder_ / (std::string(kPlaced) + blob_file_name(digest));
}

bool Quarantine::take_kept(const Digest& digest) const {
  static_cast<void>(File::open_lock(folder_ / kPullMark));
  return KeptBlobs(directory_).take(digest, path_of(digest));
}
void Quarantine::keep(const Digest& digest) const noexcept { KeptBlobs(directory_).keep(digest, path_of(digest)); }

void Quarantine::put_in_place(const Digest& digest, const StoreLock& /*lock*/) const {
  const Path from = path_of(digest);
  const Path to = blob_path(directory_, digest);
  if (is_same_file(from, to)) return;  // it was here before this run
  make_directories(blob_folder(directory_, digest));
  // Before the rename: a crash between the two leaves nothing in place that nobody remembers.
  // Where the file system has no links it cannot be taken back after a crash, and is garbage at worst.
  static_cast<void>(link_file(from, placed_path(digest)));
  rename_over(from, to);
}

bool Quarantine::remember(const Digest& digest, const StoreLock& /*lock*/) const {
  return link_file(blob_path(directory_, digest), placed_path(digest));
}

void Quarantine::settle(const std::vector<Digest>& digests, const StoreLock& /*lock*/) const {
  // Both names: of a blob that was here before the run, path_of() is a link to it.
  for (const Digest& digest : digests) {
    remove_file(placed_path(digest));
    remove_file(path_of(digest));
  }
}

void Quarantine::discard(const StoreLock& /*lock*/) const {
  take_back(directory_, folder_);
  discard_tree(folder_);
}

Quarantine::~Quarantine() {
  try {
    // Nothing of it is in place: nobody else looks into this folder, and no lock is needed.
    if (placed(directory_, folder_).empty()) {
      discard_tree(folder_);
    } else {
      discard(StoreLock(directory_));
    }
  } catch (const std::exception&) {
    // The folder stays, unlocked; the next run sweeps it.
    return;
  }
}

}  // namespace hallmark::store
