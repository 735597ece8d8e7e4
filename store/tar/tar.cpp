// SPDX-License-Identifier: Apache-2.0
#include "store/tar/tar.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "store/stream/archive_refusal.h"
#include "store/stream/inflate.h"
#include "store/stream/libarchive.h"
#include "store/tar/tar_names.h"
#include "store/tar/tar_reader.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kTarPieceBytes = std::size_t{64} << 10U;
/// Hands on what is written to it in equal pieces.
/// A compressor makes the same bytes of the same pieces: the image must not depend on how fast its input came.
class Pieces {
 public:
  explicit Pieces(ByteSink& out) : out_(out) { piece_.reserve(kTarPieceBytes); }

  void write(ByteView bytes) {
    while (!bytes.empty()) {
      const ByteView part = bytes.first(std::min(bytes.size(), kTarPieceBytes - piece_.size()));
      bytes = bytes.subspan(part.size());
      piece_.insert(piece_.end(), part.begin(), part.end());
      if (piece_.size() == kTarPieceBytes) flush();
    }
  }
  void flush() {
    if (!piece_.empty()) out_.write(piece_);
    piece_.clear();
  }

 private:
  ByteSink& out_;
  Bytes piece_;
};

/// What some unpackers leave out, and others stop at.
void check_item(const TarItem& item) {
  using Type = TarItem::Type;
  if ((item.type == Type::link || item.type == Type::hard_link) && item.target.empty()) {
    refuse_archive("E_ARCHIVE_HEADER", printable(item.name, 200), " is a link that leads nowhere");
  }
  if (item.type != Type::folder && plain_name(item.name).empty()) {
    refuse_archive("E_ARCHIVE_HEADER", printable(item.name, 200), " is the root, and no folder");
  }
}

}  // namespace

void read_tar(const ByteReader& input, ByteSink& out) {
  LargeWindows large_windows;
  Unpacker source(input, large_windows);
  Pieces pieces(out);
  TarReader reader([&] {
    const ByteView bytes = source.next();
    pieces.write(bytes);
    return bytes;
  });
  std::uint64_t claimed = 0;
  while (const auto item = reader.next()) {
    check_item(*item);
    // By what they claim, before it passes: what no layer may inflate to must not be waited for.
    claimed += item->size;
    if (claimed > kMostInflatedLayer) {
      refuse_archive("E_RATIO", "its files claim ", claimed, " bytes, a layer may have ", kMostInflatedLayer);
    }
  }
  if (reader.end_blocks() == 0) {
    throw Error(Fault::corrupt, ErrorCode{"E_ARCHIVE_TRUNCATED"},
                "it is cut off between two entries: its end mark is missing",
                "make it again; a tar ends with two blocks of zeros");
  }
  pieces.flush();
}

struct Compressor::Inside {
  explicit Inside(ByteSink& sink) : out(sink) {}

  static la_ssize_t pass_on(archive* /*open*/, void* self, const void* bytes, std::size_t size) {
    Inside& me = *static_cast<Inside*>(self);
    return me.callbacks.guard([&] {
      me.out.write({static_cast<const std::uint8_t*>(bytes), size});
      return static_cast<la_ssize_t>(size);
    });
  }
  void check(la_ssize_t status) const {
    callbacks.rethrow();
    if (status < 0) fail(Fault::local, "it cannot be compressed: ", reason_of(open.get()));
  }

  ByteSink& out;
  CallbackGuard callbacks;
  WriteArchive open;
};

Compressor::Compressor(Compression kind, ByteSink& out) : inside_(std::make_unique<Inside>(out)) {
  inside_->open = made(WriteArchive(archive_write_new()));
  archive* open = inside_->open.get();
  // Raw: libarchive only compresses, and adds no header of its own.
  inside_->check(archive_write_set_format_raw(open));
  if (kind == Compression::zstd) {
    inside_->check(archive_write_add_filter_zstd(open));
  } else {
    inside_->check(archive_write_add_filter_gzip(open));
    // A time in the header would make two layers of one tar.
    inside_->check(archive_write_set_filter_option(open, "gzip", "timestamp", nullptr));
  }
  inside_->check(archive_write_set_bytes_per_block(open, static_cast<int>(kTarPieceBytes)));
  // No zeros that would fill the last block: they would be bytes that belong to nothing.
  inside_->check(archive_write_set_bytes_in_last_block(open, 1));
  inside_->check(archive_write_open(open, inside_.get(), nullptr, Inside::pass_on, nullptr));
  const auto entry = made(std::unique_ptr<archive_entry, EntryEnd>(archive_entry_new()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  inside_->check(archive_write_header(open, entry.get()));
}

Compressor::~Compressor() = default;

void Compressor::write(ByteView piece) {
  while (!piece.empty()) {
    const la_ssize_t written = archive_write_data(inside_->open.get(), piece.data(), piece.size());
    inside_->check(written);
    if (written == 0) fail(Fault::local, "it cannot be compressed");
    piece = piece.subspan(static_cast<std::size_t>(written));
  }
}

void Compressor::finish() { inside_->check(archive_write_close(inside_->open.get())); }

}  // namespace hallmark::store
