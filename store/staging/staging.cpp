// SPDX-License-Identifier: Apache-2.0
#include "store/staging/staging.h"

#include <optional>

#include "store/layout/layout.h"
#include "store/layout/reachable.h"
#include "store/staging/staging_inside.h"
#include "store/stream/blob_writer.h"
#include "store/stream/bounded_bytes.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

void write_blob(const Path& path, ByteView bytes) {
  BlobWriter writer(path, bytes.size(), [](std::span<std::uint8_t>) {});
  writer.write(bytes);
  writer.finish();
}

}  // namespace

void Staging::limit_inflation(std::uint64_t most) { inside_->most_inflated = most; }

void Staging::look_meanwhile(std::function<void()> look) { inside_->look_meanwhile = std::move(look); }
void Staging::came(std::uint64_t bytes) { inside_->came = bytes; }

Staging::Staging(const Path& store_directory) : inside_(std::make_unique<StagingInside>(store_directory)) {}
Staging::~Staging() = default;

LargeWindows& Staging::large_windows() { return inside_->large_windows; }

const Quarantine& Staging::quarantine() const { return inside_->quarantine; }

void Staging::take(const Document& document) {
  const Descriptor& descriptor = document.descriptor;
  within("manifest " + descriptor.digest.to_string(), [&] {
    // Once more, though the caller did: nothing gets in here on somebody's word.
    check_bytes(descriptor, document.bytes);
    const std::string type = document_type(descriptor.media_type, document.bytes);
    // Under one digest there are the same bytes: the first of them stay.
    if (const auto taken = inside_->claim(descriptor.digest)) return;
    inside_->fill(descriptor.digest, [&](const Path& path) {
      write_blob(path, document.bytes);
      return Taken{type, descriptor.size, std::nullopt, 0};
    });
  });
}

Bytes Staging::take_config(const Descriptor& config, Source& source) {
  return within("config " + config.digest.to_string(), [&] {
    // The claim, before a byte is asked for.
    if (config.size > kMostConfigBytes) {
      fail(Fault::corrupt, "promised ", config.size, " bytes, at most ", kMostConfigBytes, " are allowed");
    }
    if (const auto taken = inside_->claim(config.digest)) return inside_->document(config).bytes;
    Bytes bytes;
    inside_->fill(config.digest, [&](const Path& path) {
      try {
        // The store's copy first: an image of which only the name is new costs no transfer.
        bytes = read_document(inside_->directory, config).bytes;
      } catch (const Error& error) {
        // A damaged copy is not the end: the source may have a good one, which a commit puts in its place.
        if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
        BoundedBytes collector(config.size);
        source.fetch(config, collector);
        bytes = collector.take();
      }
      check_bytes(config, bytes);
      write_blob(path, bytes);
      return Taken{config.media_type, config.size, std::nullopt, 0};
    });
    return bytes;
  });
}

void Staging::keep_for_next_try() noexcept { inside_->keep_for_next_try(); }

LayerOrigin Staging::take_layer(const Descriptor& layer, const Digest& diff_id, Source& source,
                                const std::function<void(std::uint64_t)>& progress) {
  const std::string digest = layer.digest.to_string();
  // A registry names the blob that it could not give.
  return within_naming("layer " + digest, digest,
                       [&] { return inside_->take_layer(layer, diff_id, source, progress); });
}

}  // namespace hallmark::store
