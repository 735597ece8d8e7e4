// SPDX-License-Identifier: Apache-2.0
#include "store/stream/inflate.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>
#include <zstd_errors.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <algorithm>
#include <mutex>
#include <new>
#include <vector>

namespace hallmark::store {
namespace {

constexpr std::size_t kOutputBytes = std::size_t{256} << 10U;
static_assert(next_piece(kOutputBytes) == kOutputBytes);
/// kMostWindow as a power of two.
constexpr int kMostWindowLog = 27;
static_assert(kMostWindow == std::uint64_t{1} << static_cast<unsigned>(kMostWindowLog));

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::gzip: return "gzip";
    case Compression::zstd: return "zstd";
    case Compression::none: break;
  }
  return "an uncompressed tar";
}

/// By the first bytes: RFC 1952 2.3.1, and zstd's.
Compression sniff(ByteView head) {
  if (head.size() >= 2 && head[0] == 0x1f && head[1] == 0x8b) return Compression::gzip;
  return begins_zstd(head) ? Compression::zstd : Compression::none;
}

/// Passes plain bytes on and stops the flood.
class Gauge {
 public:
  Gauge(ByteSink& out, std::uint64_t most_bytes) : out_(out), most_bytes_(most_bytes) {}

  // Counted before it goes on: the sink sees no byte past the limit.
  void give(ByteView bytes) {
    given_ += bytes.size();
    if (given_ > most_bytes_) {
      throw DecompressionLimitExceeded(Fault::corrupt,
                                       detail::joined("the layer inflates to more than ", most_bytes_, " bytes"));
    }
    out_.write(bytes);
  }

 private:
  ByteSink& out_;
  std::uint64_t most_bytes_;
  std::uint64_t given_ = 0;
};

}  // namespace

bool begins_zstd(ByteView head) {
  if (head.size() < 4) return false;
  const bool is_frame = head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd;
  return is_frame || ((head[0] & 0xf0U) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18);
}

class Inflater::Engine {
 public:
  Engine(ByteSink& out, std::uint64_t most_bytes) : gauge_(out, most_bytes) {}
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual void push(std::span<std::uint8_t> piece) = 0;
  virtual std::size_t push_some(std::span<std::uint8_t> piece) {
    // gzip makes at most a thousand times as much of it.
    piece = piece.first(std::min(piece.size(), std::size_t{4} << 10U));
    push(piece);
    return piece.size();
  }
  [[nodiscard]] virtual bool has_more() const { return false; }
  virtual void finish() = 0;
  [[nodiscard]] virtual std::uint64_t padding() const { return 0; }

 protected:
  Gauge& gauge() { return gauge_; }

 private:
  Gauge gauge_;
};

namespace {

/// ISA-L returns with the upper halves of vector registers in use; the SHA instructions that come next are a third
/// slower until these are cleared.
#ifdef __x86_64__
__attribute__((target("avx"))) void clear_upper_halves() { _mm256_zeroupper(); }

void rest_vector_unit() {
  static const bool kHasHalves = __builtin_cpu_supports("avx") != 0;
  if (kHasHalves) clear_upper_halves();
}
#else
void rest_vector_unit() {}
#endif

class Plain final : public Inflater::Engine {
 public:
  using Engine::Engine;
  void push(std::span<std::uint8_t> piece) override { gauge().give(piece); }
  void finish() override {}
};

class Gzip final : public Inflater::Engine {
 public:
  Gzip(ByteSink& out, std::uint64_t most_bytes) : Engine(out, most_bytes), output_(kOutputBytes) {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP_NO_HDR_VER;  // CRC and length of each member are checked; its header by read_header()
  }

  void push(std::span<std::uint8_t> piece) override {
    while (!piece.empty()) {
      if (between_members_ && !begin_member(piece)) return;
      piece = piece.subspan(inflate(piece));
    }
  }

  void finish() override {
    if (!between_members_) fail(Fault::corrupt, "the gzip stream is cut off");
  }
  [[nodiscard]] std::uint64_t padding() const override { return padding_; }

 private:
  /// After a member: another one, or zeros to the end of the layer. False when the piece was all zeros.
  bool begin_member(std::span<std::uint8_t> piece) {
    const auto zeros = std::find_if(piece.begin(), piece.end(), [](std::uint8_t byte) { return byte != 0; });
    const auto count = static_cast<std::uint64_t>(zeros - piece.begin());
    padding_ += count;
    if (padding_ > kMostPadding) fail(Fault::corrupt, "more than ", kMostPadding, " zero bytes follow the gzip stream");
    if (zeros == piece.end()) return false;
    if (padding_ > 0 || *zeros != 0x1f) fail(Fault::corrupt, "bytes that are no gzip follow the gzip stream");
    isal_inflate_reset(&state_);
    header_ = {};
    is_in_header_ = true;
    between_members_ = false;
    return true;
  }

  /// Inflates to the end of the piece, of the member or of what the library gets at once; returns how many bytes were
  /// used.
  std::size_t inflate(std::span<std::uint8_t> piece) {
    piece = piece.first(next_piece(piece.size()));
    state_.next_in = piece.data();
    state_.avail_in = static_cast<std::uint32_t>(piece.size());
    if (is_in_header_ && !read_header()) return piece.size();
    do {
      state_.next_out = output_.data();
      state_.avail_out = static_cast<std::uint32_t>(output_.size());
      const int result = isal_inflate(&state_);
      rest_vector_unit();
      check(result);
      gauge().give(ByteView(output_).first(output_.size() - state_.avail_out));
      between_members_ = state_.block_state == ISAL_BLOCK_FINISH;
    } while (!between_members_ && (state_.avail_in > 0 || state_.avail_out == 0));
    return piece.size() - state_.avail_in;
  }

  /// False when more of it is to come. It is not left to isal_inflate(), which forgets between two pieces how it began.
  bool read_header() {
    const int result = isal_read_gzip_header(&state_, &header_);
    is_in_header_ = result == ISAL_END_INPUT;
    if (is_in_header_) return false;
    check(result);
    // RFC 1952, 2.3.1.2: what they mean is not known, and other readers take the file for something else.
    if ((header_.flags & 0xe0U) != 0) fail(Fault::corrupt, "the gzip stream has reserved flags in its header");
    return true;
  }

  static void check(int result) {
    switch (result) {
      case ISAL_DECOMP_OK: return;
      case ISAL_INCORRECT_CHECKSUM: fail(Fault::corrupt, "the checksum of the gzip stream is wrong");
      case ISAL_INVALID_WRAPPER: fail(Fault::corrupt, "bytes that are no gzip stand in the gzip stream");
      default: fail(Fault::corrupt, "the gzip stream is damaged");
    }
  }

  inflate_state state_{};
  isal_gzip_header header_{};  // of the member that is being read
  bool is_in_header_ = true;
  std::vector<std::uint8_t> output_;
  bool between_members_ = false;
  std::uint64_t padding_ = 0;
};

/// The header of a zstd frame as its bytes come in, read as far as the window that the frame asks for (RFC
/// 8878, 3.1.1.1).
class FrameHeader {
 public:
  /// Takes what it needs from the piece; returns how many bytes.
  std::size_t take(std::span<const std::uint8_t> piece) {
    std::size_t taken = 0;
    while (taken < piece.size() && size_ < needed()) bytes_[size_++] = piece[taken++];
    return taken;
  }
  [[nodiscard]] bool is_complete() const { return size_ == needed(); }
  [[nodiscard]] std::span<std::uint8_t> bytes() { return std::span(bytes_).first(size_); }

  [[nodiscard]] std::uint64_t window() const {
    if (is_skippable()) return 0;
    if (!is_single_segment()) {
      const std::uint64_t base = std::uint64_t{1} << (10U + (bytes_[5] >> 3U));
      return base + base / 8 * (bytes_[5] & 7U);
    }
    std::uint64_t content = content_size_bytes() == 2 ? 256 : 0;
    for (std::size_t i = 0; i < content_size_bytes(); ++i) {
      content += std::uint64_t{bytes_[kDescriptorEnd + dictionary_bytes() + i]} << (8 * i);
    }
    return content;
  }

 private:
  static constexpr std::size_t kDescriptorEnd = 5;  // the magic number and the descriptor

  [[nodiscard]] bool is_skippable() const { return bytes_[0] != 0x28; }
  [[nodiscard]] bool is_single_segment() const { return (bytes_[4] & 0x20U) != 0; }
  [[nodiscard]] std::size_t dictionary_bytes() const { return (std::size_t{1} << (bytes_[4] & 3U)) >> 1U; }
  [[nodiscard]] std::size_t content_size_bytes() const {
    const auto flag = static_cast<unsigned>(bytes_[4] >> 6U);
    return flag == 0 ? 1 : std::size_t{1} << flag;
  }
  [[nodiscard]] std::size_t needed() const {
    if (size_ < kDescriptorEnd || is_skippable()) return kDescriptorEnd;
    return is_single_segment() ? kDescriptorEnd + dictionary_bytes() + content_size_bytes() : kDescriptorEnd + 1;
  }

  std::array<std::uint8_t, 17> bytes_{};
  std::size_t size_ = 0;
};

class Zstd final : public Inflater::Engine {
 public:
  Zstd(ByteSink& out, std::uint64_t most_bytes, LargeWindows& large_windows)
      : Engine(out, most_bytes),
        context_(make_context()),
        output_(ZSTD_DStreamOutSize()),
        large_windows_(large_windows),
        turn_(large_windows, std::defer_lock) {}

  void push(std::span<std::uint8_t> piece) override {
    while (!piece.empty() || has_more_) piece = piece.subspan(step(piece));
  }
  /// Four bytes can become 128 KiB.
  std::size_t push_some(std::span<std::uint8_t> piece) override { return step(piece); }
  [[nodiscard]] bool has_more() const override { return has_more_; }

  void finish() override {
    if (in_frame_ || !header_.bytes().empty()) fail(Fault::corrupt, "the zstd stream is cut off");
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  using Context = std::unique_ptr<ZSTD_DCtx, Free>;

  static Context make_context() {
    Context context(ZSTD_createDCtx());
    if (context == nullptr) throw std::bad_alloc();
    if (ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMostWindowLog)) != 0) {
      fail(Fault::local, "zstd cannot be started");
    }
    return context;
  }

  void begin_frame() {
    // libzstd reads frames of its first versions too, whose windows no header here tells.
    if (!begins_zstd(header_.bytes())) fail(Fault::corrupt, "after a frame of zstd comes something else");
    // Before the library has seen the header: it would make the window at once.
    large_windows_.check(header_.window());
    // Waits while another stream of the job has a large one: together they stay below the one limit.
    if (header_.window() > kUsualWindow) turn_.lock();
    in_frame_ = true;
    for (std::span<std::uint8_t> left = header_.bytes(); !left.empty();) left = left.subspan(inflate(left));
  }

  void end_frame() {
    in_frame_ = false;
    header_ = FrameHeader();
    if (!turn_.owns_lock()) return;
    context_ = make_context();  // the old one would keep the window
    turn_.unlock();
  }

  /// Reads a header, or inflates to the end of the piece, of the frame or of the output; returns how many bytes were
  /// used.
  std::size_t step(std::span<std::uint8_t> piece) {
    if (in_frame_) return inflate(piece);
    const std::size_t used = header_.take(piece);
    if (header_.is_complete()) begin_frame();
    return used;
  }

  std::size_t inflate(std::span<std::uint8_t> piece) {
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    ZSTD_outBuffer out{output_.data(), output_.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
    // Memory that this machine lacks is no damage of the stream, and must not be told as such.
    if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    if (ZSTD_isError(result) != 0) fail(Fault::corrupt, "the zstd stream is damaged: ", ZSTD_getErrorName(result));
    // A full output before the frame's end: the library may hold more, and wants no input for it.
    has_more_ = result != 0 && out.pos == out.size;
    gauge().give(ByteView(output_).first(out.pos));
    if (result == 0) end_frame();
    return in.pos;
  }

  Context context_;
  std::vector<std::uint8_t> output_;
  FrameHeader header_;
  bool in_frame_ = false;
  bool has_more_ = false;
  LargeWindows& large_windows_;
  std::unique_lock<LargeWindows> turn_;
};

std::unique_ptr<Inflater::Engine> engine_for(Compression compression, ByteSink& out, std::uint64_t most_bytes,
                                             LargeWindows& large_windows) {
  switch (compression) {
    case Compression::gzip: return std::make_unique<Gzip>(out, most_bytes);
    case Compression::zstd: return std::make_unique<Zstd>(out, most_bytes, large_windows);
    case Compression::none: break;
  }
  return std::make_unique<Plain>(out, most_bytes);
}

}  // namespace

Inflater::Inflater(Compression promised, ByteSink& out, std::uint64_t most_bytes, LargeWindows& large_windows)
    : promised_(promised), engine_(engine_for(promised, out, most_bytes, large_windows)) {}

Inflater::~Inflater() = default;

void Inflater::start() {
  const std::span<std::uint8_t> head = std::span(head_).first(head_size_);
  const Compression found = sniff(head);
  // Refused also where the bytes could be inflated: other readers go by the type alone.
  if (found != promised_) {
    fail(Fault::corrupt, "the media type promises ", name_of(promised_), ", found ",
         found == Compression::none ? "something else" : name_of(found));
  }
  started_ = true;
  engine_->push(head);
}

void Inflater::push(std::span<std::uint8_t> piece) {
  // A transfer may bring the head byte by byte.
  while (!started_ && !piece.empty()) {
    head_[head_size_++] = piece.front();
    piece = piece.subspan(1);
    if (head_size_ == head_.size()) start();
  }
  if (!piece.empty()) engine_->push(piece);
}

std::size_t Inflater::push_some(std::span<std::uint8_t> piece) {
  if (started_) return engine_->push_some(piece);
  piece = piece.first(std::min(piece.size(), head_.size() - head_size_));
  push(piece);
  return piece.size();
}

bool Inflater::has_more() const { return engine_->has_more(); }

void Inflater::finish() {
  if (!started_) start();
  engine_->finish();
}

std::uint64_t Inflater::padding() const { return engine_->padding(); }

}  // namespace hallmark::store
