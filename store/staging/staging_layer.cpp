// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "store/image/media_types.h"
#include "store/staging/staging.h"
#include "store/staging/staging_inside.h"
#include "store/stream/blob_writer.h"
#include "store/stream/inflate.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// A layer on its way to the disk. It is inflated again as it is written, under the limits that it will meet
/// everywhere else: what cannot be pulled must not be made.
class LayerFile final : public ByteSink {
 public:
  explicit LayerFile(const Path& path)
      : file_(File::create(path)),
        outer_(Algorithm::sha256),
        inner_(Algorithm::sha256),
        inflater_(Compression::gzip, inner_, kMostInflatedLayer, large_windows_) {}

  void write(ByteView piece) override {
    file_.write_at(outer_.size(), piece);
    outer_.write(piece);
    // A copy: the gzip library wants bytes that it may write to.
    Bytes writable(piece.begin(), piece.end());
    inflater_.push(writable);
  }

  MadeLayer finish() && {
    inflater_.finish();
    file_.sync_data();
    const std::uint64_t size = outer_.size();
    const std::uint64_t inflated = inner_.size();
    return {{std::string(kOciLayerGzip), std::move(outer_).finish(), size, std::nullopt, {}},
            std::move(inner_).finish(),
            inflated};
  }

 private:
  File file_;
  Hasher outer_;
  Hasher inner_;
  LargeWindows large_windows_;
  Inflater inflater_;
};

/// Plain bytes: hashed, and compressed.
class Packer final : public ByteSink {
 public:
  explicit Packer(ByteSink& out) : plain_(Algorithm::sha256), gzip_(Compression::gzip, out) {}

  void write(ByteView piece) override {
    plain_.write(piece);
    gzip_.write(piece);
  }
  Digest finish() && {
    gzip_.finish();
    return std::move(plain_).finish();
  }

 private:
  Hasher plain_;
  Compressor gzip_;
};

}  // namespace

MadeLayer Staging::make_layer(const ByteReader& root_file_system) {
  // Its digest, by which it is called, is known only at the end.
  const Path path = inside_->quarantine.path_of_unnamed(inside_->unnamed++);
  LayerFile file(path);
  Packer packer(file);
  read_tar(root_file_system, packer);
  const Digest plain = std::move(packer).finish();
  MadeLayer made = std::move(file).finish();
  // What was compressed must inflate to what came in, or a fault of the compressor would become an image.
  if (made.diff_id != plain) {
    fail(Fault::local, "the layer was written as ", plain.to_string(), " and inflates to ", made.diff_id.to_string());
  }
  if (inside_->claim(made.layer.digest)) return made;
  inside_->fill(made.layer.digest, [&](const Path& named) {
    rename_over(path, named);
    return Taken{made.layer.media_type, made.layer.size, made.diff_id, made.inflated};
  });
  return made;
}

}  // namespace hallmark::store
