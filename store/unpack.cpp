// SPDX-License-Identifier: Apache-2.0
#include "store/unpack.h"

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>

#include "store/inflate.h"
#include "store/libarchive.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;
/// What is inflated at once: gzip makes at most a thousand times as much of it.
constexpr std::size_t kGzipPiece = std::size_t{4} << 10U;

using SupportFilter = int (*LibArchive::*)(archive*);

struct Format {
  std::string_view magic;
  SupportFilter filter;  ///< of libarchive, which leaves the checksums of gzip alone: that is inflated by ours
};
using namespace std::string_view_literals;
constexpr std::array<Format, 8> kFormats{{
    {"\x28\xb5\x2f\xfd"sv, &LibArchive::read_support_filter_zstd},
    {"\xfd"
     "7zXZ\0"sv,
     &LibArchive::read_support_filter_xz},
    {"BZh"sv, &LibArchive::read_support_filter_bzip2},
    {"\x04\x22\x4d\x18"sv, &LibArchive::read_support_filter_lz4},
    {"\x50\x2a\x4d\x18"sv, &LibArchive::read_support_filter_zstd},
    {"\x51\x2a\x4d\x18"sv, &LibArchive::read_support_filter_zstd},
    {"\x52\x2a\x4d\x18"sv, &LibArchive::read_support_filter_zstd},
    {"\x53\x2a\x4d\x18"sv, &LibArchive::read_support_filter_zstd},
}};

/// The input, of which the first bytes were looked at.
class Input {
 public:
  explicit Input(ByteReader read) : read_(std::move(read)), buffer_(kPieceBytes) {
    while (size_ < kLongestMagic) {
      const std::size_t count = read_(std::span(buffer_).subspan(size_));
      if (count == 0) break;
      size_ += count;
    }
    taken_ = size_;
  }

  [[nodiscard]] bool begins_with(std::string_view magic) const {
    return text_of(ByteView(buffer_).first(size_)).starts_with(magic);
  }
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
  static constexpr std::size_t kLongestMagic = 6;

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
  [[nodiscard]] virtual bool is_compressed() const { return true; }
  [[nodiscard]] std::uint64_t taken() const { return input_.taken(); }

 protected:
  Input& input() { return input_; }

 private:
  Input input_;
};

namespace {

class Plain final : public Unpacker::Engine {
 public:
  using Engine::Engine;
  ByteView next() override { return input().next(); }
  [[nodiscard]] bool is_compressed() const override { return false; }
};

/// No limit here: a stream may be as long as it likes. Whoever reads it looks at the ratio.
constexpr InflateLimits kAnyLength{std::numeric_limits<std::uint64_t>::max(), 2000, std::uint64_t{64} << 20U};

class Gzip final : public Unpacker::Engine {
 public:
  explicit Gzip(Input input) : Engine(std::move(input)), inflater_(Compression::gzip, plain_, kAnyLength, windows_) {}

  ByteView next() override {
    plain_.bytes.clear();
    while (plain_.bytes.empty() && !is_at_end_) {
      if (left_.empty()) left_ = input().next();
      if (left_.empty()) {
        inflater_.finish();
        if (inflater_.padding() != 0) fail(Fault::corrupt, "zeros follow the compressed stream");
        is_at_end_ = true;
      } else {
        const auto piece = left_.first(std::min(left_.size(), kGzipPiece));
        left_ = left_.subspan(piece.size());
        inflater_.push(piece);
      }
    }
    if (is_first_ && begins_compressed(plain_.bytes)) fail(Fault::corrupt, "it is compressed twice");
    is_first_ = false;
    return plain_.bytes;
  }

 private:
  struct Keeper final : ByteSink {
    void write(ByteView piece) override { bytes.insert(bytes.end(), piece.begin(), piece.end()); }
    Bytes bytes;
  };
  static bool begins_compressed(ByteView bytes) {
    const std::string_view text = text_of(bytes);
    return text.starts_with("\x1f\x8b") || std::any_of(kFormats.begin(), kFormats.end(), [&](const Format& format) {
             return text.starts_with(format.magic);
           });
  }

  Keeper plain_;
  std::mutex windows_;
  Inflater inflater_;
  std::span<std::uint8_t> left_;
  bool is_at_end_ = false;
  bool is_first_ = true;
};

class Filtered final : public Unpacker::Engine {
 public:
  Filtered(Input input, SupportFilter support)
      : Engine(std::move(input)), open_(made(ReadArchive(libarchive().read_new()))) {
    (libarchive().*support)(open_.get());
    libarchive().read_support_filter_gzip(open_.get());  // to see what is compressed twice
    libarchive().read_support_format_raw(open_.get());
    libarchive().read_support_format_empty(open_.get());
    check(libarchive().read_open(open_.get(), this, nullptr, read, nullptr));
    archive_entry* entry = nullptr;
    const int status = libarchive().read_next_header(open_.get(), &entry);
    is_at_end_ = status == ARCHIVE_EOF;
    if (is_at_end_) return;
    check(status);
    // The input itself counts as one.
    if (libarchive().filter_count(open_.get()) > 2) fail(Fault::corrupt, "it is compressed twice");
  }

  ByteView next() override {
    while (!is_at_end_) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = libarchive().read_data_block(open_.get(), &block, &size, &offset);
      is_at_end_ = status == ARCHIVE_EOF;
      if (is_at_end_) {
        check_end();
      } else {
        check(status);
      }
      if (!is_at_end_ && size > 0) return {static_cast<const std::uint8_t*>(block), size};
    }
    return {};
  }

 private:
  static la_ssize_t read(archive* /*open*/, void* self, const void** block) {
    Filtered& me = *static_cast<Filtered*>(self);
    return me.trouble_.guard([&] {
      const auto bytes = me.input().next();
      *block = bytes.data();
      return static_cast<la_ssize_t>(bytes.size());
    });
  }
  void check(int status) const {
    trouble_.rethrow();
    if (status < ARCHIVE_WARN) fail(Fault::corrupt, "it cannot be decompressed: ", reason_of(open_.get()));
  }
  /// libarchive stops at the end of the last stream, whatever comes after it.
  void check_end() {
    const auto used = static_cast<std::uint64_t>(libarchive().filter_bytes(open_.get(), -1));
    if (used < input().taken() || !input().next().empty()) {
      fail(Fault::corrupt, "bytes that belong to nothing follow the compressed stream");
    }
  }

  Trouble trouble_;
  ReadArchive open_;
  bool is_at_end_ = false;
};

std::unique_ptr<Unpacker::Engine> engine_for(Input input) {
  if (input.begins_with("\x1f\x8b")) return std::make_unique<Gzip>(std::move(input));
  for (const Format& format : kFormats) {
    if (input.begins_with(format.magic)) return std::make_unique<Filtered>(std::move(input), format.filter);
  }
  return std::make_unique<Plain>(std::move(input));
}

}  // namespace

Unpacker::Unpacker(ByteReader input) : engine_(engine_for(Input(std::move(input)))) {}
Unpacker::~Unpacker() = default;
ByteView Unpacker::next() { return engine_->next(); }
bool Unpacker::is_compressed() const { return engine_->is_compressed(); }
std::uint64_t Unpacker::taken() const { return engine_->taken(); }

}  // namespace hallmark::store
