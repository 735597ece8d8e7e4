// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/blob.h"

#include <algorithm>
#include <charconv>

#include "registry/server/retry.h"

namespace hallmark::registry {
namespace {

constexpr int kBlobTries = 5;
/// A try that brought this much is none that failed.
constexpr std::uint64_t kBlobProgressBytes = std::uint64_t{1} << 20U;

std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

/// The blob as far as it has come, over all tries.
class Arrival final : public Receiver {
 public:
  Arrival(const store::Descriptor& blob, std::uint64_t offset, ByteSink& out, const std::function<void()>& resumed)
      : size_(blob.size), offset_(offset), out_(out), resumed_(resumed), delivered_(offset) {}

  bool begin(const Head& head) override {
    // From here on the blob is put together of two answers. When its digest is wrong, that may be why. Whoever asked
    // for the rest of it knows that.
    if (delivered_ > offset_) resumed_();
    if (head.status == 206) {
      check_range(head);
    } else {
      check_length(head, size_);
      // The sink has these already; a server without ranges sends them once more.
      to_skip_ = delivered_;
      if (delivered_ > offset_) ++restarts_;
    }
    // Once is borne for servers without ranges. More would move a large blob again and again over a line that cuts it.
    return restarts_ <= 1;
  }

  bool body(ByteView piece) override {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, piece.size()));
    to_skip_ -= skipped;
    piece = piece.subspan(skipped);
    // Before the sink sees it: room and limits are made for the size that the descriptor has.
    if (piece.size() > size_ - delivered_) {
      fail(Fault::corrupt, "the body is longer than the ", size_, " bytes its descriptor promises");
    }
    if (!piece.empty()) out_.write(piece);
    delivered_ += piece.size();
    return true;
  }

  [[nodiscard]] std::uint64_t delivered() const { return delivered_; }
  /// Nothing has come yet.
  [[nodiscard]] bool is_at_begin() const { return delivered_ == offset_; }
  [[nodiscard]] bool is_complete() const { return delivered_ == size_ && to_skip_ == 0; }
  [[nodiscard]] bool restarted_too_often() const { return restarts_ > 1; }
  /// What is missing, as a closed range: some servers do not know the open form.
  [[nodiscard]] std::string range() const {
    return "Range: bytes=" + std::to_string(delivered_) + "-" + std::to_string(size_ - 1);
  }

 private:
  void check_length(const Head& head, std::uint64_t expected) const {
    const auto length = head.length();
    // Without a length the body is counted all the same.
    if (length && *length != expected) {
      fail(Fault::corrupt, "expected ", expected, " bytes, the server announces ", *length);
    }
  }

  void check_range(const Head& head) const {
    const auto text = head.headers.find("content-range");
    const auto range = text ? parse_content_range(*text) : std::nullopt;
    // Another part than the one that was asked for makes another blob, and the digest would say so only at the end of
    // it.
    if (delivered_ == 0 || !range || range->first != delivered_ || range->last != size_ - 1 ||
        range->total.value_or(size_) != size_) {
      fail(Fault::corrupt, "expected bytes ", delivered_, "-", size_ - 1, "/", size_, ", the server sends ",
           text ? printable(*text, 80) : std::string("a part without saying which"));
    }
    check_length(head, size_ - delivered_);
  }

  std::uint64_t size_;
  std::uint64_t offset_;  // what is before it nobody wants
  ByteSink& out_;
  const std::function<void()>& resumed_;
  std::uint64_t delivered_;
  std::uint64_t to_skip_ = 0;
  int restarts_ = 0;
};

/// One request, and what it changed.
struct Try {
  ApiResponse response;
  std::uint64_t before;
  bool was_first;  ///< nothing had come before it
  bool success;    ///< an answer with bytes came to its end, wherever that was
};

/// Whether the server has said that it has no ranges.
bool refuses_ranges(const ApiResponse& response) { return response.status() == 416 || response.status() == 501; }

/// A signed address may have run out between two tries; the registry gives a new one.
bool has_run_out(const Try& last) {
  const ApiResponse& response = last.response;
  // A place that refuses from the first is not one whose time ran out.
  if (!response.redirected || last.was_first) return false;
  return response.status() == 400 || response.status() == 403 || response.status() == 404;
}

Try try_once(Session& session, const std::string& target, bool ranges, Arrival& arrival) {
  const std::uint64_t before = arrival.delivered();
  const bool is_first = arrival.is_at_begin();
  ApiRequest request{target, Request::Kind::blob};
  // What came whole and without its end comes once more: there is no range of nothing.
  if (before > 0 && ranges && !arrival.is_complete()) request.headers.push_back(arrival.range());
  ApiResponse response = session.perform(request, arrival);
  if (arrival.restarted_too_often()) {
    fail(Fault::unavailable, "the connection was cut more than once, and the server cannot resume");
  }
  const bool success = response.status() == 200 || response.status() == 206;
  return Try{std::move(response), before, is_first, success};
}

/// Why there has to be another try.
std::string reason(const Try& last, const Arrival& arrival, std::uint64_t size) {
  if (!last.success) return last.response.line();
  return "the body ended after " + std::to_string(arrival.delivered()) + " of " + std::to_string(size) + " bytes";
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range{};
  if (!take(text, "bytes ")) return std::nullopt;
  const auto first = take_number(text);
  if (!first || !take(text, "-")) return std::nullopt;
  const auto last = take_number(text);
  if (!last || *last < *first || !take(text, "/")) return std::nullopt;
  range.first = *first;
  range.last = *last;
  if (take(text, "*")) return text.empty() ? std::optional(range) : std::nullopt;
  range.total = take_number(text);
  if (!range.total || !text.empty() || *range.total <= *last) return std::nullopt;
  return range;
}

void fetch_blob(Session& session, const std::string& target, const store::Descriptor& blob, std::uint64_t offset,
                ByteSink& out, const std::function<void()>& resumed) {
  Arrival arrival(blob, offset, out, resumed);
  Retry retry(session.http(), session.base().authority() + ": " + blob.digest.abbreviated(), kBlobTries);
  bool ranges = true;
  for (;;) {
    const Try last = try_once(session, target, ranges, arrival);
    if (last.success && arrival.is_complete()) return;
    if (arrival.delivered() - last.before >= kBlobProgressBytes) retry.forgive();
    // It counts as no try, for the next request is another one, and comes but once.
    if (ranges && refuses_ranges(last.response)) {
      ranges = false;
      continue;
    }
    // A body without a length may end too early and in good order: only the descriptor's size shows it.
    const bool temporary = last.success || last.response.is_temporary() || has_run_out(last);
    const std::string why = reason(last, arrival, blob.size);
    if (temporary && retry.again(last.response.exchange, why)) continue;
    if (last.success) fail(Fault::unavailable, why);
    session.refuse(last.response);
  }
}

}  // namespace hallmark::registry
