// SPDX-License-Identifier: Apache-2.0
//
// What has been taken into the quarantine: blobs, layers and whole images.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "store/image/image.h"
#include "trust/bytes.h"
#include "trust/digest.h"

namespace hallmark::store {

/// What commit() has to find, in quarantine or in place.
struct StagedBlob {
  Digest digest;
  std::uint64_t size;
};

/// A layer that was made here.
struct MadeLayer {
  Descriptor layer;
  Digest diff_id;
  std::uint64_t inflated;
};

/// Where a layer was found.
enum class LayerOrigin { fetched, already_here };

/// An image all of whose bytes were hashed: root document, manifests, configs and layers, DiffIDs included.
class Staged {
 public:
  [[nodiscard]] const Descriptor& root() const { return root_; }
  /// Those that were chosen, in that order; the root itself when it is no index.
  [[nodiscard]] const std::vector<Descriptor>& manifests() const { return manifests_; }
  /// Bytes of all layers uncompressed, of the first manifest: what image lists show as its size.
  [[nodiscard]] std::uint64_t uncompressed_size() const { return uncompressed_size_; }
  /// Of each of these layers, bottom first; empty when nobody knows.
  [[nodiscard]] const std::vector<std::uint64_t>& layer_sizes() const { return layer_sizes_; }
  /// The same of the manifest with the most; absent when what lies in the store was not inflated again.
  [[nodiscard]] const std::optional<std::uint64_t>& most_uncompressed() const { return most_uncompressed_; }

 private:
  friend class Staging;
  friend class Store;
  Staged(const class Staging& staging, Descriptor root) : staging_(&staging), root_(std::move(root)) {}

  const class Staging* staging_;  // outlives this
  Descriptor root_;
  std::vector<Descriptor> manifests_;
  std::vector<StagedBlob> blobs_;  // the root's first, each once
  std::uint64_t uncompressed_size_ = 0;
  std::vector<std::uint64_t> layer_sizes_;
  std::optional<std::uint64_t> most_uncompressed_;
};

/// Bytes of an archive that passed once, before anybody could say what they are. A large one waits in a file of the
/// quarantine, and is inflated by a thread as it comes. Small ones, of which there may be a hundred thousand, have
/// neither: they are kept in memory, or one behind the other in a single file when they become too much for that.
struct SpooledBlob {
  std::uint64_t size;
  Digest digest;
  std::optional<Bytes> bytes;               ///< of a small one that is in memory
  std::size_t number;                       ///< of the file, when it is not
  std::optional<std::uint64_t> place = {};  ///< of a small one in the file of many
};

/// Fault::refused, with a hint.
[[noreturn]] void refuse_inflation(std::uint64_t inflated, std::uint64_t most);

}  // namespace hallmark::store
