// SPDX-License-Identifier: Apache-2.0
//
// What a Staging knows: which blobs were taken, as what, and which a thread is at. For the files that implement it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/disk/file.h"
#include "store/image/source.h"
#include "store/layout/quarantine.h"
#include "store/staging/staged.h"
#include "store/stream/probe_thread.h"

namespace hallmark::store {

/// A blob that was hashed and lies in the quarantine.
struct Taken {
  std::string media_type;
  std::uint64_t size;
  std::optional<Digest> diff_id;  ///< of layers
  std::uint64_t inflated;         ///< of layers
};

/// Blobs one behind the other in a file of that number.
struct SmallBlobs {
  File file;
  std::size_t number;
  std::uint64_t size;
};

struct StagingInside {
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  explicit StagingInside(Path store_directory) : directory(std::move(store_directory)), quarantine(directory) {}
  ~StagingInside();
  StagingInside(const StagingInside&) = delete;
  StagingInside& operator=(const StagingInside&) = delete;

  /// What was taken under this digest; waits while another thread is at it. Absent: it is the caller's to fill().
  std::optional<Taken> claim(const Digest& digest);
  /// Fault::corrupt when it was not taken.
  Taken at(const Digest& digest);
  /// Read again and hashed again.
  Document document(const Descriptor& descriptor);
  /// Fault::refused when a layer, or all that were taken, inflate to more than limit_inflation() said.
  void check_inflation(std::uint64_t inflated) const;

  /// Runs the work that puts the claimed blob into the quarantine; its file goes when the work fails.
  template <class Work>
  void fill(const Digest& digest, Work&& work) {
    try {
      done(digest, work(quarantine.path_of(digest)));
    } catch (...) {
      discard_tree(quarantine.path_of(digest));
      dropped(digest);
      throw;
    }
  }

  /// The blob of the store, linked so that no removal takes it away while it is hashed. Absent when there is none or
  /// it is damaged; then nothing lies at the path.
  std::optional<std::uint64_t> reuse(const Descriptor& layer, const Digest& diff_id, const Path& path,
                                     const std::function<void(std::uint64_t)>& progress);

  /// A layer that was not in the store.
  struct Received {
    LayerOrigin origin;
    std::uint64_t inflated;
  };
  /// What lies at the path is the beginning of it, if anything does; the rest comes from the source. Checked in one
  /// pass, the beginning as well.
  Received receive(const Descriptor& layer, const Digest& diff_id, Source& source, const Path& path,
                   const std::function<void(std::uint64_t)>& progress);
  /// Once more when the bytes are wrong and were put together of several transfers.
  Received fetch(const Descriptor& layer, const Digest& diff_id, Source& source, const Path& path,
                 const std::function<void(std::uint64_t)>& progress);
  /// As Staging::take_layer() has it.
  LayerOrigin take_layer(const Descriptor& layer, const Digest& diff_id, Source& source,
                         const std::function<void(std::uint64_t)>& progress);

  /// What was received of a layer waits for the next try, all layers that are whole included.
  void keep_for_next_try() noexcept;

  /// Of a blob that was spooled. A small one is inflated once, however often it is listed.
  const LayerFacts& facts_of(const SpooledBlob& spooled);
  /// One layer more inflates to so much: E_RATIO when all of them together are too much for what came.
  void count_inflation(std::uint64_t bytes);
  /// All of one that was spooled and is small; absent when it is not.
  [[nodiscard]] std::optional<Bytes> small_bytes(const SpooledBlob& spooled) const;
  /// Looks at the file of that number, which is being written. Waits while as many are looked at as this machine can do
  /// at once.
  BackgroundProbe& follow(std::size_t number, const std::function<void()>& meanwhile);
  /// Throws what ended one of the probes.
  void check_probes() const;
  /// Waits until at most `most` files are looked at.
  void wait_for_probes(std::size_t most, const std::function<void()>& meanwhile);

  Path directory;
  Quarantine quarantine;
  /// A layer was wrong, or had no room here. The others end by an interruption then, and nothing of them is kept.
  std::atomic<bool> is_given_up = false;
  LargeWindows large_windows;
  /// Of one image. Set while layers are looked at.
  std::atomic<std::uint64_t> most_inflated = kUnlimited;
  std::size_t unnamed = 0;                ///< how many files without a name were begun
  std::uint64_t in_memory = 0;            ///< bytes of small blobs that were spooled and are kept in memory
  std::optional<SmallBlobs> small_blobs;  ///< those that are not
  std::function<void()> look_meanwhile = [] {};
  std::uint64_t came = 0;                         ///< bytes of the archive
  std::uint64_t all_inflated = 0;                 ///< bytes of all its layers that were looked at
  std::map<Digest, LayerFacts> small_facts;       ///< of small blobs that were asked for
  std::map<Digest, SpooledBlob> unpacked;         ///< the plain bytes of what no layer may be, by what it was
  std::map<std::size_t, LayerFacts> large_facts;  ///< of files that were looked at, by their numbers
  /// Files that are looked at, oldest first.
  std::deque<std::pair<std::size_t, std::unique_ptr<BackgroundProbe>>> probes;

 private:
  void done(const Digest& digest, Taken taken);
  void dropped(const Digest& digest);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Digest, std::optional<Taken>> blobs_;  // without a value while a thread is at it
  std::vector<Digest> received_;                  // layers that were not in the store
};

/// Fault::corrupt when the bytes are not what the descriptor says.
void check_bytes(const Descriptor& expected, ByteView bytes);

}  // namespace hallmark::store
