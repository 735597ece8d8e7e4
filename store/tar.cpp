// SPDX-License-Identifier: Apache-2.0
#include "store/tar.h"

#include <algorithm>
#include <string>

#include "store/libarchive.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;
/// The unit of a tar (POSIX pax, "ustar Interchange Format"): its end mark is at least one block of zeros.
constexpr std::uint64_t kTarBlock = 512;

/// Hands on what is written to it in equal pieces, and remembers where the last byte that is not zero ended.
class Pieces {
 public:
  explicit Pieces(ByteSink& out) : out_(out) { piece_.reserve(kPieceBytes); }

  void write(ByteView bytes) {
    const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](std::uint8_t byte) { return byte != 0; });
    if (last != bytes.rend()) content_end_ = size_ + static_cast<std::uint64_t>(bytes.rend() - last);
    size_ += bytes.size();
    while (!bytes.empty()) {
      const ByteView part = bytes.first(std::min(bytes.size(), kPieceBytes - piece_.size()));
      bytes = bytes.subspan(part.size());
      piece_.insert(piece_.end(), part.begin(), part.end());
      if (piece_.size() == kPieceBytes) flush();
    }
  }
  void flush() {
    if (!piece_.empty()) out_.write(piece_);
    piece_.clear();
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t content_end() const { return content_end_; }

 private:
  ByteSink& out_;
  Bytes piece_;
  std::uint64_t size_ = 0;
  std::uint64_t content_end_ = 0;
};

/// Walks the entries while the bytes pass.
class Walk {
 public:
  Walk(Unpacker& source, Pieces& out) : source_(source), out_(out), open_(made(ReadArchive(libarchive().read_new()))) {
    libarchive().read_support_format_tar(open_.get());
  }

  /// To the last entry; returns where it ended.
  std::uint64_t to_last_entry() {
    check(libarchive().read_open(open_.get(), this, nullptr, read, nullptr));
    for (;;) {
      const auto here = static_cast<std::uint64_t>(libarchive().filter_bytes(open_.get(), 0));
      archive_entry* entry = nullptr;
      const int status = libarchive().read_next_header(open_.get(), &entry);
      if (status == ARCHIVE_EOF) return here;
      check(status);
      check(libarchive().read_data_skip(open_.get()));
    }
  }

 private:
  static la_ssize_t read(archive* /*open*/, void* self, const void** block) {
    Walk& me = *static_cast<Walk*>(self);
    return me.trouble_.guard([&] {
      const ByteView bytes = me.source_.next();
      me.out_.write(bytes);
      *block = bytes.data();
      return static_cast<la_ssize_t>(bytes.size());
    });
  }
  void check(int status) const {
    trouble_.rethrow();
    if (status >= ARCHIVE_WARN) return;
    check_memory(open_.get());
    throw Error(Fault::corrupt, "expected a whole tar archive, found something else: " + reason_of(open_.get()),
                "tar -tf FILE tells how far it can be read");
  }

  Unpacker& source_;
  Pieces& out_;
  Trouble trouble_;
  ReadArchive open_;
};

}  // namespace

void read_tar(const ByteReader& input, ByteSink& out) {
  LargeWindows large_windows;
  Unpacker source(input, large_windows);
  Pieces pieces(out);
  const std::uint64_t end = Walk(source, pieces).to_last_entry();
  for (ByteView more = source.next(); !more.empty(); more = source.next()) {
    pieces.write(more);
    if (pieces.size() - end > kMostTarPadding) {
      fail(Fault::corrupt, "more than ", kMostTarPadding, " bytes follow the tar's last entry");
    }
  }
  if (pieces.size() < end + kTarBlock) {
    throw Error(Fault::corrupt, "the tar is cut off: its end mark is missing after " + std::to_string(end) + " bytes",
                "make it again; a tar ends with two blocks of zeros");
  }
  if (pieces.content_end() > end) {
    throw Error(Fault::corrupt, "something follows the tar's end mark at byte " + std::to_string(end),
                "programs disagree about what stands there: make one tar of it");
  }
  pieces.flush();
}

struct Compressor::Inside {
  explicit Inside(ByteSink& sink) : out(sink) {}

  static la_ssize_t pass_on(archive* /*open*/, void* self, const void* bytes, std::size_t size) {
    Inside& me = *static_cast<Inside*>(self);
    return me.trouble.guard([&] {
      me.out.write({static_cast<const std::uint8_t*>(bytes), size});
      return static_cast<la_ssize_t>(size);
    });
  }
  void check(la_ssize_t status) const {
    trouble.rethrow();
    if (status < 0) fail(Fault::local, "it cannot be compressed: ", reason_of(open.get()));
  }

  ByteSink& out;
  Trouble trouble;
  WriteArchive open;
};

Compressor::Compressor(Compression kind, ByteSink& out) : inside_(std::make_unique<Inside>(out)) {
  inside_->open = made(WriteArchive(libarchive().write_new()));
  archive* open = inside_->open.get();
  inside_->check(libarchive().write_set_format_raw(open));
  if (kind == Compression::zstd) {
    inside_->check(libarchive().write_add_filter_zstd(open));
  } else {
    inside_->check(libarchive().write_add_filter_gzip(open));
    // A time in the header would make two layers of one tar.
    inside_->check(libarchive().write_set_filter_option(open, "gzip", "timestamp", nullptr));
  }
  inside_->check(libarchive().write_set_bytes_per_block(open, static_cast<int>(kPieceBytes)));
  inside_->check(libarchive().write_set_bytes_in_last_block(open, 1));
  inside_->check(libarchive().write_open(open, inside_.get(), nullptr, Inside::pass_on, nullptr));
  const auto entry = made(std::unique_ptr<archive_entry, EntryEnd>(libarchive().entry_new()));
  libarchive().entry_set_filetype(entry.get(), AE_IFREG);
  inside_->check(libarchive().write_header(open, entry.get()));
}

Compressor::~Compressor() = default;

void Compressor::write(ByteView piece) {
  while (!piece.empty()) {
    const la_ssize_t written = libarchive().write_data(inside_->open.get(), piece.data(), piece.size());
    inside_->check(written);
    if (written == 0) fail(Fault::local, "it cannot be compressed");
    piece = piece.subspan(static_cast<std::size_t>(written));
  }
}

void Compressor::finish() { inside_->check(libarchive().write_close(inside_->open.get())); }

}  // namespace hallmark::store
