// SPDX-License-Identifier: Apache-2.0
//
// Store::check: every blob that a name needs is read again and compared with what it is called.
#include <algorithm>
#include <map>
#include <set>

#include "store/layout/layout.h"
#include "store/layout/quarantine.h"
#include "store/layout/reachable.h"
#include "store/layout/verified_files.h"
#include "store/store.h"
#include "store/stream/layer_check.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// What is found is kept by blob, since many images may need one. The DiffID is checked as well, as on a pull.
class Checker {
 public:
  Checker(const Path& directory, const std::function<void(const Descriptor&)>& progress,
          const std::function<void()>& step)
      : directory_(directory), progress_(progress), step_(step) {}

  /// Only these layers are read; documents are small.
  void read_only(const std::vector<DamagedBlob>& damages) {
    only_.emplace();
    for (const DamagedBlob& damage : damages) only_->insert(damage.digest);
  }

  void entry(const LayoutEntry& entry) {
    name_ = entry.name ? entry.name->to_string() : entry.descriptor->digest.to_string();
    const Descriptor& root = *entry.descriptor;
    if (is_manifest(root.media_type)) return image(root);
    const std::optional<Document> document = read(root);
    if (!document || !is_index(root.media_type)) return;
    attempt(root, [&] {
      for (const Descriptor& manifest : parse_index(*document).manifests) {
        // A platform that was never brought in is no damage; one that another tool put here is checked with the rest.
        const bool is_ours =
            std::find(entry.manifests.begin(), entry.manifests.end(), manifest.digest) != entry.manifests.end();
        const bool is_here = status_of(blob_path(directory_, manifest.digest)).has_value();
        if (is_ours || is_here) image(manifest);
      }
    });
  }

  std::vector<DamagedBlob> damages() {
    std::vector<DamagedBlob> list;
    for (auto& [digest, found] : found_) {
      if (!found.what.empty()) {
        list.push_back({digest, std::move(found.what), {found.names.begin(), found.names.end()}});
      }
    }
    return list;
  }

 private:
  struct Found {
    std::string what;  ///< empty when it is sound
    std::set<std::string> names;
  };

  /// Runs the check of a blob once, however many images need it; notes what it throws.
  template <class Work>
  void attempt(const Descriptor& blob, Work&& work) {
    Found& found = found_[blob.digest];
    // Noted also for a blob that was looked at before: damage is told with every image that it breaks.
    found.names.insert(name_);
    try {
      work();
    } catch (const Error& error) {
      // What keeps this program from reading is no finding about the blob, and ends the check.
      if (error.fault() != Fault::corrupt && error.fault() != Fault::missing) throw;
      if (found.what.empty()) found.what = error.fault() == Fault::missing ? "missing" : error.what();
    }
  }

  std::optional<Document> read(const Descriptor& descriptor) {
    std::optional<Document> document;
    attempt(descriptor, [&] {
      if (seen_.insert(descriptor.digest).second) progress_(descriptor);
      document = read_document(directory_, descriptor);
    });
    return document;
  }

  void image(const Descriptor& manifest) {
    const std::optional<Document> document = read(manifest);
    if (!document) return;
    std::optional<Manifest> parts;
    attempt(manifest, [&] { parts = parse_manifest(*document); });
    if (!parts) return;
    const std::optional<Document> config_document = read(parts->config);
    std::optional<Config> config;
    if (config_document) {
      attempt(parts->config, [&] {
        config = parse_config(config_document->bytes);
        if (config->diff_ids.size() == parts->layers.size()) return;
        fail(Fault::corrupt, parts->layers.size(), " layers, but ", config->diff_ids.size(), " DiffIDs");
      });
    }
    // Without DiffIDs the bytes as they lie are compared all the same: a damaged config must not hide damaged layers.
    const bool has_diff_ids = config && config->diff_ids.size() == parts->layers.size();
    for (std::size_t i = 0; i < parts->layers.size(); ++i) {
      layer(parts->layers[i], has_diff_ids ? std::optional(config->diff_ids[i]) : std::nullopt);
    }
  }

  void layer(const Descriptor& layer, const std::optional<Digest>& diff_id) {
    if (only_ && !only_->contains(layer.digest)) return;
    attempt(layer, [&] {
      const Pass pass{layer.digest, layer.media_type, diff_id};
      // By digest, type and DiffID: a blob that is said to be two things is read for each, and one of them is wrong.
      if (!passes_.insert(pass).second) return;
      if (seen_.insert(layer.digest).second) progress_(layer);
      std::optional<File> file = File::open_regular(blob_path(directory_, layer.digest));
      if (!file) fail(Fault::missing, "missing");
      if (diff_id) {
        LayerCheck check(layer, *diff_id, large_windows_);
        read_blocks(*file, [&](std::span<std::uint8_t> block) {
          step_();
          check.push(block);
        });
        std::move(check).finish(layer, *diff_id);
        return;
      }
      Hasher hasher(layer.digest.algorithm());
      read_blocks(*file, [&](std::span<std::uint8_t> block) {
        step_();
        hasher.write(block);
      });
      if (hasher.size() != layer.size) fail(Fault::corrupt, hasher.size(), " bytes, expected ", layer.size);
      const Digest found = std::move(hasher).finish();
      if (found != layer.digest) fail(Fault::corrupt, "found ", found.to_string());
    });
  }

  struct Pass {
    Digest digest;
    std::string media_type;
    std::optional<Digest> diff_id;
    auto operator<=>(const Pass&) const = default;
  };

  const Path& directory_;
  const std::function<void(const Descriptor&)>& progress_;
  const std::function<void()>& step_;
  std::string name_;
  std::map<Digest, Found> found_;
  std::set<Digest> seen_;
  std::set<Pass> passes_;
  LargeWindows large_windows_;  // of one thread: never waited for
  std::optional<std::set<Digest>> only_;
};

std::vector<DamagedBlob> damages_found(const Path& directory, Checker& checker) {
  const LayoutIndex index = LayoutIndex::read(directory);
  for (const LayoutEntry& entry : index.entries()) {
    if (entry.descriptor) checker.entry(entry);
  }
  return checker.damages();
}

/// So that the next pull mends it, also where the file system saw no change. A store that cannot be written to is told
/// all the same.
void remove_from_verified_files(const Path& directory, const std::vector<DamagedBlob>& damages) {
  try {
    VerifiedFiles verified_files = VerifiedFiles::read(directory);
    for (const DamagedBlob& damage : damages) verified_files.remove(damage.digest);
    verified_files.write();
  } catch (const Error&) {
    return;
  }
}

}  // namespace

std::vector<DamagedBlob> Store::check(const std::function<void(const Descriptor&)>& progress,
                                      const std::function<void()>& step) const {
  Checker checker(directory_, progress, step);
  std::vector<DamagedBlob> damages = damages_found(directory_, checker);
  // Without a lock file no run of this program has written here, and to take the lock would make one.
  if (damages.empty() || !status_of(lock_path(directory_))) return damages;
  // What another program removed or brought in meanwhile is not damaged: the second look is taken while nothing moves.
  std::optional<StoreLock> lock;
  try {
    lock.emplace(directory_);
  } catch (const Error& error) {
    if (error.fault() != Fault::local) throw;  // a store that may only be read does not change under our hands
  }
  const std::function<void(const Descriptor&)> silent = [](const Descriptor&) {};
  Checker second(directory_, silent, step);
  second.read_only(damages);
  damages = damages_found(directory_, second);
  // Without the lock the list of verified files must not be written: another run may be adding to it.
  if (lock) remove_from_verified_files(directory_, damages);
  return damages;
}

}  // namespace hallmark::store
