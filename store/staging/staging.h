// SPDX-License-Identifier: Apache-2.0
//
// The quarantine: bytes from outside wait here, hashed as they arrive, until the gate has spoken.
// It is a folder of its own inside the store, locked while it is in use, and gone when this object goes, but for what
// keep_for_next_try() says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "store/disk/file.h"
#include "store/image/image.h"
#include "store/image/source.h"
#include "store/layout/entry.h"
#include "store/staging/staged.h"
#include "store/stream/large_windows.h"
#include "store/tar/tar.h"

namespace hallmark::store {

class Store;
struct StagingInside;  // store/staging/staging_inside.h
class Quarantine;

class Staging {
 public:
  /// Makes the folder in the store and sweeps what dead processes left behind.
  explicit Staging(const Path& store_directory);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// From now on a layer that inflates to more is refused while it passes (Fault::refused), and what present() finds
  /// is measured. Whether all layers of an image together stay below it is Store::commit()'s to check.
  void limit_inflation(std::uint64_t most);

  /// What was spooled and is inflated here calls this now and then; what it throws ends the work.
  void look_meanwhile(std::function<void()> look);
  /// So many bytes of an archive have come by now, compressed as it is: its layers together may inflate to
  /// kMostExpansion more.
  void came(std::uint64_t bytes);

  /// A document that was received and hashed by the caller is hashed again and kept.
  void take(const Document& document);

  /// A config: small, wanted in memory as well. From the store (re-hashed) or from the source. Thread-safe.
  Bytes take_config(const Descriptor& config, Source& source);

  /// A layer in one streaming pass: digest, size and the digest of what it inflates to. If the store has the blob it
  /// is re-hashed from there instead of fetched; a damaged one is fetched anew. Thread-safe: a second call for the same
  /// blob waits for the first.
  /// `progress` is told how many compressed bytes have passed so far; what it throws ends the pass. Fault::corrupt
  /// names expected and found.
  LayerOrigin take_layer(const Descriptor& layer, const Digest& diff_id, Source& source,
                         const std::function<void(std::uint64_t)>& progress);

  /// For a try that was interrupted or cut: layers that are whole, and what was received of others, wait for the next
  /// one, which hashes them again. Nothing can be sealed afterwards.
  void keep_for_next_try() noexcept;

  /// The plain bytes of a tar as a gzip layer, written and hashed as they pass. Fault::corrupt as read_tar() has it,
  /// and when the layer becomes larger than one that is fetched may be.
  MadeLayer make_layer(const ByteReader& root_file_system);

  /// Takes the bytes that `pull` gives until it gives none; there must be `size` of them. `progress` as above.
  SpooledBlob spool(std::uint64_t size, Algorithm algorithm, const std::function<ByteView()>& pull,
                    const std::function<void(std::uint64_t)>& progress);
  /// Waits until all that was spooled is inflated; `meanwhile` is called now and then, and what it throws ends the
  /// wait.
  void wait_for_probes(const std::function<void()>& meanwhile);
  /// Of all layers that are inflated here, for what is inflated around them.
  [[nodiscard]] LargeWindows& large_windows();
  /// The bytes of one, read again if they wait in a file; at most `most`, more are Fault::corrupt.
  [[nodiscard]] Bytes bytes_of(const SpooledBlob& spooled, std::uint64_t most) const;
  /// What was spooled is a layer: it is checked as take_layer() checks.
  void accept_layer(const Descriptor& layer, const Digest& diff_id, const SpooledBlob& spooled);
  /// Whether that needs room for all of its plain bytes.
  [[nodiscard]] bool must_be_unpacked(const SpooledBlob& spooled);
  /// What was spooled is a layer that nobody described. Kept as it is when an image may have such layers, otherwise as
  /// its plain bytes. The refusals have words: E_COMPRESSION, E_RATIO, E_DIFFID.
  Descriptor accept_layer_without_descriptor(const Digest& diff_id, const SpooledBlob& spooled);

  /// Checks that all of the root's chosen manifests is here: fewer or more DiffIDs than layers is Fault::corrupt.
  /// `manifests` are the chosen ones; the root itself when it is no index. A config must not be for another system or
  /// architecture than the descriptor of its manifest says, nor, outside of an index that has chosen it, for another
  /// system than this machine's.
  [[nodiscard]] Staged seal(const Descriptor& root, const std::vector<Descriptor>& manifests) const;

  /// An image that the store has already, for a commit under another name: a look when it is complete, otherwise what
  /// lies there is hashed like something that is fetched. Fault::corrupt when something of it is missing or damaged.
  /// `progress` as with take_layer().
  [[nodiscard]] Staged present(const Entry& entry, const std::function<void(std::uint64_t)>& progress);

 private:
  friend class Store;
  [[nodiscard]] const Quarantine& quarantine() const;
  SpooledBlob spool_small(std::uint64_t size, Algorithm algorithm, const std::function<ByteView()>& pull);
  const SpooledBlob& unpacked(const SpooledBlob& spooled);
  void accept(const Descriptor& layer, const Digest& diff_id, std::uint64_t inflated, const SpooledBlob& spooled);
  void take_from_store(const Descriptor& root, const std::vector<Descriptor>& manifests,
                       const std::function<void(std::uint64_t)>& progress);

  std::unique_ptr<StagingInside> inside_;
};

}  // namespace hallmark::store
