// SPDX-License-Identifier: Apache-2.0
#include "store/stream/unpack.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "store/stream/inflate.h"
#include "store/stream/libarchive.h"
#include "store/stream/tar_lookalike.h"
#include "store/stream/xz.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kUnpackPieceBytes = std::size_t{64} << 10U;

enum class Packed { gzip, zstd, xz, bzip2, lz4 };

struct Format {
  std::string_view magic;
  Packed packed;
};
using namespace std::string_view_literals;
/// zstd is not among them: begins_zstd() knows all kinds of its frames, in one place.
constexpr std::array<Format, 4> kFormats{{{"\x1f\x8b"sv, Packed::gzip},
                                          {"\xfd"
                                           "7zXZ\0"sv,
                                           Packed::xz},
                                          {"BZh"sv, Packed::bzip2},
                                          {"\x04\x22\x4d\x18"sv, Packed::lz4}}};

std::optional<Packed> packed_of(ByteView beginning) {
  if (begins_zstd(beginning)) return Packed::zstd;
  const auto* const found = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& format) {
    return text_of(beginning).starts_with(format.magic);
  });
  return found == kFormats.end() ? std::nullopt : std::optional(found->packed);
}

/// The input, of which the first bytes were looked at.
class Input {
 public:
  explicit Input(ByteReader read) : read_(std::move(read)), buffer_(kUnpackPieceBytes) {
    // A pipe may give the beginning in small pieces; the look wants as much as a header has.
    while (size_ < kTarLookalike) {
      const std::size_t count = read_(std::span(buffer_).subspan(size_));
      if (count == 0) break;
      size_ += count;
    }
    taken_ = size_;
    // A tar to some readers and compressed to others: there would be two archives in it.
    if (packing() && could_be_tar(ByteView(buffer_).first(size_))) {
      fail(Fault::corrupt, "it is compressed, and begins with the header of a tar besides");
    }
  }

  [[nodiscard]] std::optional<Packed> packing() const { return packed_of(ByteView(buffer_).first(size_)); }
  /// Writable; empty at the end.
  std::span<std::uint8_t> next() {
    if (is_first_) {
      is_first_ = false;
    } else {
      size_ = read_(buffer_);
      taken_ += size_;
    }
    return std::span(buffer_).first(size_);
  }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  ByteReader read_;
  Bytes buffer_;
  std::size_t size_ = 0;
  std::uint64_t taken_ = 0;
  bool is_first_ = true;
};

}  // namespace

class Unpacker::Engine {
 public:
  explicit Engine(Input input) : input_(std::move(input)) {}
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ByteView next() = 0;
  [[nodiscard]] std::uint64_t taken() const { return input_.taken(); }

 protected:
  Input& input() { return input_; }
  /// The first of the plain bytes are to be none of another compression: each would ask for a window of its own. Who
  /// packs it says how long the pieces are, so they are gathered.
  ByteView checked(ByteView plain) {
    if (beginning_.size() < kBeginningBytes) {
      const std::size_t more = std::min(plain.size(), kBeginningBytes - beginning_.size());
      beginning_.insert(beginning_.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(more));
      if (packed_of(beginning_)) fail(Fault::corrupt, "it is compressed twice");
    }
    return plain;
  }

 private:
  static constexpr std::size_t kBeginningBytes = 512;  // no magic lies further in

  Input input_;
  Bytes beginning_;
};

namespace {

class Unpacked final : public Unpacker::Engine {
 public:
  using Engine::Engine;
  ByteView next() override { return input().next(); }
};

/// No limit here: a stream may be as long as it likes. Whoever reads it counts.
constexpr std::uint64_t kAnyLength = std::numeric_limits<std::uint64_t>::max();

class Inflated final : public Unpacker::Engine {
 public:
  Inflated(Input input, Compression compression, LargeWindows& large_windows)
      : Engine(std::move(input)), inflater_(compression, plain_, kAnyLength, large_windows) {}

  ByteView next() override {
    plain_.bytes.clear();
    while (plain_.bytes.empty() && !is_at_end_) {
      // The library may hold more than came out; new bytes only once it has nothing left.
      if (left_.empty() && !inflater_.has_more()) left_ = input().next();
      if (left_.empty() && !inflater_.has_more()) {
        inflater_.finish();
        // What reads a layer lets the padding of a tape pass. Here nothing may follow the stream.
        if (inflater_.padding() != 0) fail(Fault::corrupt, "zeros follow the compressed stream");
        is_at_end_ = true;
      } else {
        left_ = left_.subspan(inflater_.push_some(left_));
      }
    }
    return checked(plain_.bytes);
  }

 private:
  struct Keeper final : ByteSink {
    void write(ByteView piece) override { bytes.insert(bytes.end(), piece.begin(), piece.end()); }
    Bytes bytes;
  };

  Keeper plain_;
  Inflater inflater_;
  std::span<std::uint8_t> left_;
  bool is_at_end_ = false;
};

class OfXz final : public Unpacker::Engine {
 public:
  OfXz(Input input, LargeWindows& large_windows)
      : Engine(std::move(input)), xz_(large_windows), plain_(kUnpackPieceBytes) {}

  ByteView next() override {
    while (!xz_.is_at_end()) {
      if (left_.empty() && !is_all_) {
        left_ = input().next();
        // An input that is empty says the end, or the decoder of a stream that was cut would wait for more.
        is_all_ = left_.empty();
      }
      const std::size_t count = xz_.inflate(left_, is_all_, plain_);
      if (count > 0) return checked(ByteView(plain_).first(count));
    }
    return {};
  }

 private:
  Xz xz_;
  Bytes plain_;
  ByteView left_;
  bool is_all_ = false;
};

/// bzip2 and lz4, whose blocks have at most 4 MiB. No limit that libarchive could be told, but none is needed.
class Filtered final : public Unpacker::Engine {
 public:
  explicit Filtered(Input input) : Engine(std::move(input)), open_(made(ReadArchive(archive_read_new()))) {
    archive_read_support_filter_bzip2(open_.get());
    archive_read_support_filter_lz4(open_.get());
    // Raw, so that libarchive looks at nothing in it; empty, for a stream that inflates to nothing.
    archive_read_support_format_raw(open_.get());
    archive_read_support_format_empty(open_.get());
    check(archive_read_open(open_.get(), this, nullptr, read, nullptr));
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(open_.get(), &entry);
    is_at_end_ = status == ARCHIVE_EOF;
    if (is_at_end_) return;
    check(status);
    // The input itself counts as one. A plain tar's first name may begin as they do.
    if (archive_filter_count(open_.get()) < 2) {
      fail(Fault::corrupt, "it begins as bzip2 or lz4 does, and is neither");
    }
    if (archive_filter_count(open_.get()) > 2) fail(Fault::corrupt, "it is compressed twice");
  }

  ByteView next() override {
    while (!is_at_end_) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(open_.get(), &block, &size, &offset);
      is_at_end_ = status == ARCHIVE_EOF;
      if (is_at_end_) {
        check_end();
      } else {
        check(status);
      }
      if (!is_at_end_ && size > 0) return checked({static_cast<const std::uint8_t*>(block), size});
    }
    return {};
  }

 private:
  static la_ssize_t read(archive* /*open*/, void* self, const void** block) {
    Filtered& me = *static_cast<Filtered*>(self);
    return me.callbacks_.guard([&] {
      const auto bytes = me.input().next();
      *block = bytes.data();
      return static_cast<la_ssize_t>(bytes.size());
    });
  }
  void check(int status) const {
    // What our own callback threw says more than libarchive's word that it could not read.
    callbacks_.rethrow();
    if (status >= ARCHIVE_WARN) return;
    check_memory(open_.get());
    fail(Fault::corrupt, "it cannot be decompressed: ", reason_of(open_.get()));
  }
  /// libarchive stops at the end of the last stream, whatever comes after it.
  void check_end() {
    const auto used = static_cast<std::uint64_t>(archive_filter_bytes(open_.get(), -1));
    if (used < input().taken() || !input().next().empty()) {
      fail(Fault::corrupt, "bytes that belong to nothing follow the compressed stream");
    }
  }

  CallbackGuard callbacks_;
  ReadArchive open_;
  bool is_at_end_ = false;
};

std::unique_ptr<Unpacker::Engine> engine_for(Input input, LargeWindows& large_windows) {
  const std::optional<Packed> packed = input.packing();
  if (!packed) return std::make_unique<Unpacked>(std::move(input));
  switch (*packed) {
    case Packed::gzip: return std::make_unique<Inflated>(std::move(input), Compression::gzip, large_windows);
    case Packed::zstd: return std::make_unique<Inflated>(std::move(input), Compression::zstd, large_windows);
    case Packed::xz: return std::make_unique<OfXz>(std::move(input), large_windows);
    case Packed::bzip2:
    case Packed::lz4: break;
  }
  return std::make_unique<Filtered>(std::move(input));
}

}  // namespace

Unpacker::Unpacker(ByteReader input, LargeWindows& large_windows)
    : engine_(engine_for(Input(std::move(input)), large_windows)) {}
Unpacker::~Unpacker() = default;
ByteView Unpacker::next() { return engine_->next(); }
std::uint64_t Unpacker::taken() const { return engine_->taken(); }

}  // namespace hallmark::store
