// SPDX-License-Identifier: Apache-2.0
#include "store/tar.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <exception>
#include <string>

#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;
/// The unit of a tar (POSIX pax, "ustar Interchange Format"): its end mark is at least one block of zeros.
constexpr std::uint64_t kTarBlock = 512;

struct ReadEnd {
  void operator()(archive* open) const { archive_read_free(open); }
};
struct WriteEnd {
  void operator()(archive* open) const { archive_write_free(open); }
};
struct EntryEnd {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using ReadArchive = std::unique_ptr<archive, ReadEnd>;
using WriteArchive = std::unique_ptr<archive, WriteEnd>;

template <class Handle>
Handle made(Handle handle) {
  if (!handle) fail(Fault::local, "libarchive has no memory");
  return handle;
}

std::string reason_of(archive* open) {
  const char* text = archive_error_string(open);
  return text == nullptr ? "it gives no reason" : printable(text, 200);
}

/// What our functions throw when libarchive calls them: kept until libarchive has returned.
class Trouble {
 public:
  template <class Work>
  la_ssize_t guard(Work&& work) noexcept {
    try {
      return std::forward<Work>(work)();
    } catch (...) {
      thrown_ = std::current_exception();
      return -1;
    }
  }
  void rethrow() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  std::exception_ptr thrown_;
};

/// The input without its compression.
class Unpacker {
 public:
  explicit Unpacker(const ByteReader& input)
      : input_(input), buffer_(kPieceBytes), open_(made(ReadArchive(archive_read_new()))) {
    archive_read_support_filter_gzip(open_.get());
    archive_read_support_filter_zstd(open_.get());
    archive_read_support_filter_xz(open_.get());
    archive_read_support_filter_bzip2(open_.get());
    archive_read_support_format_raw(open_.get());
    archive_read_support_format_empty(open_.get());
    check(archive_read_open(open_.get(), this, nullptr, read, nullptr));
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(open_.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    check(status);
    // The input itself counts as one.
    if (archive_filter_count(open_.get()) > 2) fail(Fault::corrupt, "it is compressed twice");
    is_at_end_ = false;
  }

  /// Empty at the end. The bytes are there until the next call.
  ByteView next() {
    while (!is_at_end_) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(open_.get(), &block, &size, &offset);
      is_at_end_ = status == ARCHIVE_EOF;
      if (!is_at_end_) check(status);
      if (!is_at_end_ && size > 0) return {static_cast<const std::uint8_t*>(block), size};
    }
    return {};
  }

 private:
  static la_ssize_t read(archive* /*open*/, void* self, const void** block) {
    Unpacker& me = *static_cast<Unpacker*>(self);
    return me.trouble_.guard([&] {
      *block = me.buffer_.data();
      return static_cast<la_ssize_t>(me.input_(me.buffer_));
    });
  }
  void check(int status) const {
    trouble_.rethrow();
    if (status < ARCHIVE_WARN) fail(Fault::corrupt, "it cannot be decompressed: ", reason_of(open_.get()));
  }

  const ByteReader& input_;
  Bytes buffer_;
  Trouble trouble_;
  ReadArchive open_;
  bool is_at_end_ = true;
};

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
  Walk(Unpacker& source, Pieces& out) : source_(source), out_(out), open_(made(ReadArchive(archive_read_new()))) {
    archive_read_support_format_tar(open_.get());
  }

  /// To the last entry; returns where it ended.
  std::uint64_t to_last_entry() {
    check(archive_read_open(open_.get(), this, nullptr, read, nullptr));
    for (;;) {
      const auto here = static_cast<std::uint64_t>(archive_filter_bytes(open_.get(), 0));
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(open_.get(), &entry);
      if (status == ARCHIVE_EOF) return here;
      check(status);
      check(archive_read_data_skip(open_.get()));
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
  Unpacker source(input);
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
  inside_->open = made(WriteArchive(archive_write_new()));
  archive* open = inside_->open.get();
  inside_->check(archive_write_set_format_raw(open));
  if (kind == Compression::zstd) {
    inside_->check(archive_write_add_filter_zstd(open));
  } else {
    inside_->check(archive_write_add_filter_gzip(open));
    // A time in the header would make two layers of one tar.
    inside_->check(archive_write_set_filter_option(open, "gzip", "timestamp", nullptr));
  }
  inside_->check(archive_write_set_bytes_per_block(open, static_cast<int>(kPieceBytes)));
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
