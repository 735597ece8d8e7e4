// SPDX-License-Identifier: Apache-2.0
#include "store/staging/staging_inside.h"

#include <algorithm>
#include <span>

#include "store/layout/layout_paths.h"
#include "store/stream/blob_writer.h"
#include "store/stream/layer_check.h"
#include "trust/error.h"

namespace hallmark::store {

std::optional<Taken> StagingInside::claim(const Digest& digest) {
  std::unique_lock hold(mutex_);
  // Again after each wait: the thread that was at it may have failed, and then the blob is this one's to fill.
  for (;;) {
    const auto [place, is_new] = blobs_.try_emplace(digest, std::nullopt);
    if (is_new) return std::nullopt;
    if (place->second) return place->second;
    changed_.wait(hold);
  }
}

void StagingInside::done(const Digest& digest, Taken taken) {
  const std::lock_guard hold(mutex_);
  blobs_.at(digest) = std::move(taken);
  changed_.notify_all();
}

void StagingInside::dropped(const Digest& digest) {
  const std::lock_guard hold(mutex_);
  blobs_.erase(digest);
  changed_.notify_all();
}

Taken StagingInside::at(const Digest& digest) {
  const std::lock_guard hold(mutex_);
  const auto found = blobs_.find(digest);
  if (found == blobs_.end() || !found->second) fail(Fault::corrupt, digest.to_string(), " was not taken");
  return *found->second;
}

Document StagingInside::document(const Descriptor& descriptor) {
  const std::uint64_t size = at(descriptor.digest).size;
  if (size != descriptor.size) fail(Fault::corrupt, "expected ", descriptor.size, " bytes, found ", size);
  // Read back: what is judged from here on is the file that a commit will put in place.
  std::optional<Bytes> bytes = read_file(quarantine.path_of(descriptor.digest), kMostConfigBytes);
  if (!bytes) fail(Fault::local, descriptor.digest.to_string(), " has gone from the quarantine");
  check_bytes(descriptor, *bytes);
  return {descriptor, std::move(*bytes)};
}

void StagingInside::check_inflation(std::uint64_t inflated) const {
  const std::uint64_t most = most_inflated;
  if (inflated > most) refuse_inflation(inflated, most);
}

std::optional<std::uint64_t> StagingInside::reuse(const Descriptor& layer, const Digest& diff_id, const Path& path,
                                                  const std::function<void(std::uint64_t)>& progress) {
  const Path blob = blob_path(directory, layer.digest);
  // A second name for the store's file: whoever removes the image meanwhile takes one name away, not the bytes.
  const bool is_linked = link_file(blob, path);
  std::optional<File> file = File::open_regular(is_linked ? path : blob);
  if (file && file->size() == layer.size) {
    try {
      std::optional<BlobWriter> copy;
      // Where there are no links the bytes are copied as they are hashed.
      if (!is_linked) copy.emplace(path, layer.size, [](std::span<std::uint8_t>) {});
      LayerCheck check(layer, diff_id, large_windows);
      std::uint64_t passed = 0;
      read_blocks(*file, [&](std::span<std::uint8_t> block) {
        check.push(block);
        check_inflation(check.inflated());
        if (copy) copy->write(block);
        progress(passed += block.size());
      });
      const std::uint64_t inflated = std::move(check).finish(layer, diff_id);
      if (copy) {
        copy->finish();
      } else {
        file->sync_data();  // another tool may have written it
      }
      return inflated;
    } catch (const Error& error) {
      // Damage only means that the blob is fetched. What a policy refuses, or this machine cannot do, is told.
      if (error.fault() != Fault::corrupt) throw;
    }
  }
  discard_tree(path);
  return std::nullopt;
}

StagingInside::Received StagingInside::fetch(const Descriptor& layer, const Digest& diff_id, Source& source,
                                             const Path& path, const std::function<void(std::uint64_t)>& progress) {
  bool may_be_accident = true;
  bool is_continued = quarantine.take_kept(layer.digest);
  for (;;) {
    try {
      return receive(layer, diff_id, source, path, progress);
    } catch (const Error& error) {
      // What inflates to too much may be a lie about the layer as well.
      const bool is_wrong = error.fault() == Fault::corrupt || error.fault() == Fault::refused;
      // The try was ended, and nobody says that the bytes are wrong.
      const bool is_cut = error.fault() == Fault::interrupted || error.fault() == Fault::unavailable ||
                          error.fault() == Fault::unauthorized || error.fault() == Fault::missing;
      if (is_cut && !is_given_up) quarantine.keep(layer.digest);
      if (!is_wrong) {
        is_given_up = is_given_up || !is_cut;
        throw;
      }
      if (!is_continued) {
        // Asked first: another mirror may have the right bytes.
        const bool is_elsewhere = source.asks_elsewhere_after(layer.digest);
        // Only once: a body that was continued after a cut may be put together wrongly, but not twice by accident.
        const bool is_accident = error.fault() == Fault::corrupt && may_be_accident && source.was_resumed(layer.digest);
        if (!is_elsewhere && !is_accident) {
          is_given_up = true;
          throw;
        }
        if (!is_elsewhere) may_be_accident = false;
      }
      // What was kept is nobody's word: from here on it counts no more.
      is_continued = false;
    }
    discard_tree(path);
  }
}

StagingInside::Received StagingInside::receive(const Descriptor& layer, const Digest& diff_id, Source& source,
                                               const Path& path, const std::function<void(std::uint64_t)>& progress) {
  LayerCheck check(layer, diff_id, large_windows);
  std::uint64_t passed = 0;
  const auto probe = [&](std::span<std::uint8_t> block) {
    check.push(block);
    // While it passes: what inflates to too much is not received to its end.
    check_inflation(check.inflated());
    progress(passed += block.size());
  };
  std::optional<File> begun = File::open_to_continue(path);
  if (begun) {
    // In whole blocks, as it is written.
    if (begun->size() != layer.size) begun->cut(std::min(begun->size(), layer.size) / kBlockBytes * kBlockBytes);
    read_blocks(*begun, probe);
  }
  const bool is_here = begun && passed == layer.size;
  BlobWriter writer =
      begun ? BlobWriter(*std::move(begun), layer.size, probe, passed) : BlobWriter(path, layer.size, probe);
  if (!is_here) source.fetch_rest(layer, passed, writer);
  writer.finish();
  return {is_here ? LayerOrigin::already_here : LayerOrigin::fetched, std::move(check).finish(layer, diff_id)};
}

void StagingInside::keep_for_next_try() noexcept {
  const std::lock_guard hold(mutex_);
  for (const Digest& digest : received_) quarantine.keep(digest);
  received_.clear();
}

LayerOrigin StagingInside::take_layer(const Descriptor& layer, const Digest& diff_id, Source& source,
                                      const std::function<void(std::uint64_t)>& progress) {
  if (layer.size > kMostLayerBytes) {
    fail(Fault::corrupt, "promised ", layer.size, " bytes, at most ", kMostLayerBytes, " are allowed");
  }
  if (const auto taken = claim(layer.digest)) {
    // The bytes were checked against the first description: a second one that differs would go unchecked.
    if (taken->diff_id != diff_id || taken->media_type != layer.media_type || taken->size != layer.size) {
      fail(Fault::corrupt, "the image names it twice and says different things of it: ", taken->media_type, ", ",
           taken->size, " bytes, then ", printable(layer.media_type, 100), ", ", layer.size, " bytes, DiffID ",
           diff_id.to_string());
    }
    return LayerOrigin::already_here;
  }
  LayerOrigin origin = LayerOrigin::already_here;
  fill(layer.digest, [&](const Path& path) {
    std::optional<std::uint64_t> inflated = reuse(layer, diff_id, path, progress);
    if (!inflated) {
      const Received received = fetch(layer, diff_id, source, path, progress);
      origin = received.origin;
      inflated = received.inflated;
      const std::lock_guard hold(mutex_);
      received_.push_back(layer.digest);
    }
    return Taken{layer.media_type, layer.size, diff_id, *inflated};
  });
  return origin;
}

void check_bytes(const Descriptor& expected, ByteView bytes) {
  if (bytes.size() != expected.size) {
    fail_as(Fault::corrupt, "E_BLOB_SIZE", "expected ", expected.size, " bytes, found ", bytes.size());
  }
  const Digest found = Digest::of(bytes, expected.digest.algorithm());
  if (found != expected.digest) {
    fail_as(Fault::corrupt, "E_BLOB_DIGEST", "expected ", expected.digest.to_string(), ", found ", found.to_string());
  }
}

}  // namespace hallmark::store
