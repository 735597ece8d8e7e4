// SPDX-License-Identifier: Apache-2.0
//
// What an archive brings: taken before it is known what it is, and accepted once it is known.
#include <algorithm>
#include <thread>
#include <utility>

#include "store/disk/blob_reader.h"
#include "store/disk/file.h"
#include "store/image/media_types.h"
#include "store/staging/staging.h"
#include "store/staging/staging_inside.h"
#include "store/stream/archive_refusal.h"
#include "store/stream/blob_writer.h"
#include "store/stream/inflate.h"
#include "store/stream/probe_thread.h"
#include "store/stream/unpack.h"

namespace hallmark::store {
namespace {

/// Documents and small layers do not need the disk; all of them together have to leave room for the rest.
constexpr std::uint64_t kSmall = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMostInMemory = std::uint64_t{12} << 20U;

std::string layer_type_of(Packing packing) {
  switch (packing) {
    case Packing::gzip: return std::string(kOciLayerGzip);
    case Packing::zstd: return std::string(kOciLayerZstd);
    case Packing::none:
    case Packing::other: break;
  }
  return std::string(kOciLayer);
}

Packing packing_promised(const Descriptor& layer) {
  switch (compression_of(layer.media_type)) {
    case Compression::gzip: return Packing::gzip;
    case Compression::zstd: return Packing::zstd;
    case Compression::none: break;
  }
  return Packing::none;
}

/// Does something when it goes, whatever the reason.
template <class Work>
class AtEnd {
 public:
  explicit AtEnd(Work work) : work_(std::move(work)) {}
  ~AtEnd() { work_(); }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;

 private:
  Work work_;
};

void check_facts(const LayerFacts& facts, const Digest& diff_id) {
  if (facts.trouble) throw Error(*facts.trouble);
  if (facts.diff_id != diff_id) {
    refuse_archive("E_DIFFID", "expected DiffID ", diff_id.to_string(), ", found ",
                   facts.diff_id ? facts.diff_id->to_string() : "a compression that layers have not");
  }
}

}  // namespace

SpooledBlob Staging::spool_small(std::uint64_t size, Algorithm algorithm, const std::function<ByteView()>& pull) {
  Bytes bytes;
  bytes.reserve(static_cast<std::size_t>(size));
  for (ByteView piece = pull(); !piece.empty(); piece = pull()) bytes.insert(bytes.end(), piece.begin(), piece.end());
  if (bytes.size() != size) fail(Fault::corrupt, "promised ", size, " bytes, got ", bytes.size());
  // By the algorithm that the entry's name has, so that the two can be compared.
  const Digest digest = Digest::of(bytes, algorithm);
  if (inside_->in_memory + size <= kMostInMemory) {
    inside_->in_memory += size;
    return {size, digest, std::move(bytes), 0};
  }
  // One file for all of them, however many entries an archive has.
  std::optional<SmallBlobs>& many = inside_->small_blobs;
  if (!many) {
    const std::size_t number = inside_->unnamed++;
    many.emplace(SmallBlobs{File::create(inside_->quarantine.path_of_unnamed(number)), number, 0});
  }
  const std::uint64_t place = many->size;
  // Not synced: what is accepted of it is written once more, and synced then.
  many->file.write_at(place, bytes);
  many->size += size;
  return {size, digest, std::nullopt, many->number, place};
}

SpooledBlob Staging::spool(std::uint64_t size, Algorithm algorithm, const std::function<ByteView()>& pull,
                           const std::function<void(std::uint64_t)>& progress) {
  if (size <= kSmall) {
    SpooledBlob spooled = spool_small(size, algorithm, pull);
    progress(size);
    return spooled;
  }
  const std::size_t number = inside_->unnamed++;
  Hasher hasher(algorithm);
  BlobWriter writer(inside_->quarantine.path_of_unnamed(number), size, [&](std::span<std::uint8_t> block) {
    hasher.write(block);
    progress(hasher.size());
  });
  BackgroundProbe& probe = inside_->follow(number, [&] { progress(0); });
  // Also when something throws: the thread would wait for more bytes, and the end of the probe for the thread.
  const AtEnd complete([&] {
    probe.grew(writer.written());
    probe.complete();
  });
  for (ByteView piece = pull(); !piece.empty(); piece = pull()) {
    writer.write(piece);
    probe.grew(writer.written());
    // A probe that has failed ends the reading, too.
    inside_->check_probes();
  }
  writer.finish();
  return {size, std::move(hasher).finish(), std::nullopt, number};
}

void Staging::wait_for_probes(const std::function<void()>& meanwhile) { inside_->wait_for_probes(0, meanwhile); }

Bytes Staging::bytes_of(const SpooledBlob& spooled, std::uint64_t most) const {
  if (spooled.size > most) fail(Fault::corrupt, spooled.size, " bytes, at most ", most, " are allowed");
  if (auto small = inside_->small_bytes(spooled)) return *std::move(small);
  auto bytes = read_file(inside_->quarantine.path_of_unnamed(spooled.number), most);
  // It lay on the disk meanwhile, where other programs of this user can write.
  if (!bytes || Digest::of(*bytes, spooled.digest.algorithm()) != spooled.digest) {
    fail(Fault::local, spooled.digest.to_string(), " has changed in the quarantine");
  }
  return std::move(*bytes);
}

void Staging::accept(const Descriptor& layer, const Digest& diff_id, std::uint64_t inflated,
                     const SpooledBlob& spooled) {
  if (const auto taken = inside_->claim(layer.digest)) {
    // One blob may be a layer of many images, but only as one thing.
    if (taken->diff_id != diff_id || taken->media_type != layer.media_type || taken->size != layer.size) {
      refuse_archive("E_DIFFID", layer.digest.to_string(), " is named twice, and different things are said of it");
    }
    return;
  }
  inside_->fill(layer.digest, [&](const Path& path) {
    if (const auto small = inside_->small_bytes(spooled)) {
      BlobWriter writer(path, spooled.size, [](std::span<std::uint8_t>) {});
      writer.write(*small);
      writer.finish();
    } else {
      rename_over(inside_->quarantine.path_of_unnamed(spooled.number), path);
    }
    return Taken{layer.media_type, layer.size, diff_id, inflated};
  });
}

void Staging::accept_layer(const Descriptor& layer, const Digest& diff_id, const SpooledBlob& spooled) {
  // An entry may be called after a digest that its bytes do not have.
  if (spooled.digest != layer.digest) {
    refuse_archive("E_BLOB_DIGEST", "expected ", layer.digest.to_string(), ", found ", spooled.digest.to_string());
  }
  if (spooled.size != layer.size) {
    refuse_archive("E_BLOB_SIZE", layer.digest.to_string(), ": expected ", layer.size, " bytes, found ", spooled.size);
  }
  const LayerFacts& facts = inside_->facts_of(spooled);
  // Refused also where it could be inflated: other readers go by the type alone.
  if (facts.packing != packing_promised(layer)) {
    refuse_archive("E_COMPRESSION", layer.digest.to_string(),
                   ": it is not compressed as its type says: ", layer.media_type);
  }
  check_facts(facts, diff_id);
  accept(layer, diff_id, facts.inflated, spooled);
}

bool Staging::must_be_unpacked(const SpooledBlob& spooled) {
  return inside_->facts_of(spooled).packing == Packing::other;
}

Descriptor Staging::accept_layer_without_descriptor(const Digest& diff_id, const SpooledBlob& spooled) {
  const LayerFacts& facts = inside_->facts_of(spooled);
  if (facts.packing == Packing::other) {
    const SpooledBlob& plain = unpacked(spooled);
    // Of plain bytes the DiffID is the digest.
    check_facts({Packing::none, plain.digest, plain.size, 0, {}}, diff_id);
    Descriptor layer{std::string(kOciLayer), plain.digest, plain.size, std::nullopt, {}};
    accept(layer, diff_id, plain.size, plain);
    return layer;
  }
  check_facts(facts, diff_id);
  // Nobody has described the blob before, so there is no digest that would keep bytes behind the stream in it.
  if (facts.padding != 0) refuse_archive("E_COMPRESSION", facts.padding, " zero bytes follow the layer's gzip stream");
  Descriptor layer{layer_type_of(facts.packing), spooled.digest, spooled.size, std::nullopt, {}};
  accept(layer, diff_id, facts.inflated, spooled);
  return layer;
}

/// A second reading, for what few builders write.
const SpooledBlob& Staging::unpacked(const SpooledBlob& spooled) {
  const auto known = inside_->unpacked.find(spooled.digest);
  if (known != inside_->unpacked.end()) return known->second;
  const std::optional<Bytes> small = inside_->small_bytes(spooled);
  std::optional<File> waiting;
  if (!small) waiting = File::open_regular(inside_->quarantine.path_of_unnamed(spooled.number));
  if (!small && !waiting) fail(Fault::local, spooled.digest.to_string(), " has gone from the quarantine");
  std::uint64_t at = 0;
  const auto read = [&](std::span<std::uint8_t> buffer) {
    const std::size_t count = waiting ? waiting->read_at(at, buffer) : BytesReader(*small).read(at, buffer);
    at += count;
    return count;
  };
  const std::size_t number = inside_->unnamed++;
  File plain = File::create(inside_->quarantine.path_of_unnamed(number));
  Hasher hasher(Algorithm::sha256);
  refusing_as("E_COMPRESSION", [&] {
    Unpacker unpacker(read, inside_->large_windows);
    for (ByteView piece = unpacker.next(); !piece.empty(); piece = unpacker.next()) {
      plain.write_at(hasher.size(), piece);
      hasher.write(piece);
      // As it is written: a flood must not fill the disk before its end.
      inside_->check_inflation(hasher.size());
      inside_->look_meanwhile();
      if (hasher.size() > kMostInflatedLayer) {
        refuse_archive("E_RATIO", "a layer inflates to more than ", kMostInflatedLayer, " bytes");
      }
    }
  });
  plain.sync_data();
  const std::uint64_t size = hasher.size();
  const Digest digest = std::move(hasher).finish();
  inside_->count_inflation(size);
  return inside_->unpacked.emplace(spooled.digest, SpooledBlob{size, digest, std::nullopt, number}).first->second;
}

}  // namespace hallmark::store
