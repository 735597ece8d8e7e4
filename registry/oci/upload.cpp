// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/upload.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "registry/server/document.h"
#include "registry/server/refused_write.h"
#include "registry/server/retry.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr int kUploadTries = 5;
/// Of what only spares an upload: whoever does not hear sends.
constexpr int kLookTries = 2;
constexpr std::uint64_t kMostAnswerBytes = std::uint64_t{64} << 10U;  // of a success: nothing is wanted
/// A server must have so much more than ever before, for the tries to count from one again.
constexpr std::uint64_t kProgressBytes = std::uint64_t{1} << 20U;
/// After the first cut. At each limit of a proxy it becomes a quarter, down to the least.
constexpr std::uint64_t kFirstChunk = std::uint64_t{16} << 20U;
constexpr std::uint64_t kLeastChunk = std::uint64_t{256} << 10U;
constexpr std::uint64_t kMostChunk = std::uint64_t{1} << 30U;  // a server may ask for chunks of at least this

/// The distribution-spec has 201, 202 and 204, each in its place. Registries mix them.
bool is_taken(const ApiResponse& response) { return response.status() >= 200 && response.status() <= 204; }

/// The registry hashed what came (OCI distribution-spec, "Error Codes").
bool finds_other_bytes(const ApiResponse& response) {
  return response.status() == 400 && text_of(response.body).find("\"DIGEST_INVALID\"") != std::string_view::npos;
}

Digest digest_of(store::BlobReader& bytes, Algorithm algorithm) {
  Hasher hasher(algorithm);
  Bytes piece(std::size_t{1} << 20U);
  while (hasher.size() < bytes.size()) {
    const std::size_t count = bytes.read(hasher.size(), piece);
    if (count == 0) fail(Fault::local, "expected ", bytes.size(), " bytes, found ", hasher.size());
    hasher.write(ByteView(piece).first(count));
  }
  return std::move(hasher).finish();
}

/// OCI-Chunk-Min-Length (OCI distribution-spec, "Pushing a blob in chunks"). What cannot be read is no wish.
std::uint64_t least_chunk(const Headers& headers) {
  const std::string text = headers.find("oci-chunk-min-length").value_or("");
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && rest == text.data() + text.size() ? std::min(value, kMostChunk) : 0;
}

/// Past all caches: one of them may know that it was not there a moment ago.
ApiResponse look_for(Session& session, const std::string& repository, const store::Descriptor& blob, int tries) {
  const std::string target = "/v2/" + repository + "/blobs/" + blob.digest.to_string();
  const ApiRequest request{target, Request::Kind::document, {"Cache-Control: no-cache"}, Method::head, nullptr};
  return request_status(session, request, tries);
}

bool shows(Session& session, const ApiResponse& response, const store::Descriptor& blob) {
  if (response.status() == 404) return false;
  if (response.status() != 200) session.refuse(response);
  const auto length = response.exchange.head().length();
  // Under one digest there is one size. With another the registry is damaged, and a push on top would hide it.
  if (length && *length != blob.size) {
    fail(Fault::corrupt, response.url.authority(), " has ", *length, " bytes under ", blob.digest.to_string(),
         ", expected ", blob.size);
  }
  return true;
}

class Upload {
 public:
  Upload(Session& session, const std::string& repository, const store::Descriptor& blob, store::BlobReader& bytes,
         std::optional<std::string> mount_from)
      : session_(session),
        repository_(repository),
        blob_(blob),
        bytes_(bytes),
        mount_from_(std::move(mount_from)),
        retry_(session.http(), session.base().authority() + ": " + blob.digest.abbreviated(), kUploadTries) {}

  Delivery run() {
    try {
      for (;;) {
        if (!place_ && open()) return Delivery::mounted;
        const ApiResponse response = send();
        // Its word is enough here: whether it has the blob, require_blob() asks afterwards.
        if (sent_ != Sent::chunk && is_taken(response)) return check_end(response), Delivery::sent;
        const bool is_clear = is_taken(response) && advance(response);
        if (!is_clear && recover(response)) return Delivery::sent;
      }
    } catch (const Error& error) {
      // The server need not keep half a blob. Who wants to stop waits for no further request.
      if (error.fault() != Fault::interrupted) abandon();
      throw;
    }
  }

 private:
  /// The last request to the session: all bytes and the end, some bytes, or the end after them.
  enum class Sent { whole, chunk, end };

  ApiResponse ask(Method method, const Url& place, std::vector<std::string> headers, store::BlobReader* body) {
    if (method == Method::put || method == Method::patch) {
      headers.emplace_back("Content-Type: application/octet-stream");
    }
    Collector ignored(kMostAnswerBytes);
    // As a blob and no document: a large body takes its time, and only a stall ends it.
    return session_.perform_at(place, ApiRequest{"", Request::Kind::blob, std::move(headers), method, body}, ignored);
  }

  ApiResponse ask_for_session(const std::string& query) {
    Collector ignored(kMostAnswerBytes);
    const ApiRequest request{
        "/v2/" + repository_ + "/blobs/uploads/" + query, Request::Kind::document, {}, Method::post, nullptr};
    return session_.perform(request, ignored);
  }

  void begin(const ApiResponse& response) {
    confirmed_ = 0;
    least_chunk_ = least_chunk(response.exchange.head().headers);
    if (!take_place(response)) fail(Fault::unavailable, response.url.authority(), " does not say where to send a blob");
  }

  /// A mount saves an upload and is nothing else: whatever comes of it, the blob can be sent. True: it was mounted.
  bool mount(const std::string& from) {
    try {
      const ApiResponse response = ask_for_session("?mount=" + percent_encoded(blob_.digest.to_string(), "") +
                                                   "&from=" + percent_encoded(from, "/"));
      if (response.status() == 201) return true;
      // 202 is a session for sending it: so a registry declines a mount (OCI distribution-spec, "Mounting a blob from
      // another repository").
      if (is_taken(response)) begin(response);
    } catch (const Error& error) {
      // A token for the other repository may not be had, and none is needed for this one.
      if (error.fault() != Fault::unauthorized && error.fault() != Fault::unavailable) throw;
    }
    return false;
  }

  /// Begins a session; true when the blob was mounted instead.
  bool open() {
    if (const auto from = std::exchange(mount_from_, std::nullopt)) {
      if (mount(*from)) return true;
      if (place_) return false;
    }
    for (;;) {
      const ApiResponse response = ask_for_session("");
      if (is_taken(response)) return begin(response), false;
      // A session that nobody uses harms nobody: asking twice is safe.
      if (!response.is_temporary() || !retry_.again(response.exchange, response.line()))
        refuse_write(session_, response);
    }
  }

  ApiResponse send() {
    if (chunk_ == 0) {
      sent_ = Sent::whole;
      return ask(Method::put, closing_place(*place_, blob_.digest), {}, &bytes_);
    }
    if (confirmed_ == blob_.size) {
      sent_ = Sent::end;
      return ask(Method::put, closing_place(*place_, blob_.digest), {}, nullptr);
    }
    sent_ = Sent::chunk;
    const std::uint64_t size = std::min(std::max(chunk_, least_chunk_), blob_.size - confirmed_);
    store::RangeReader part(bytes_, confirmed_, size);
    // Without the word "bytes": the distribution-spec has a form of its own for this header.
    return ask(Method::patch, *place_,
               {"Content-Range: " + std::to_string(confirmed_) + "-" + std::to_string(confirmed_ + size - 1)}, &part);
  }

  bool take_place(const ApiResponse& response) {
    const auto location = response.exchange.head().headers.find("location");
    if (!location) return false;
    const Url place = upload_place(response.url, *location);
    if (place.is_secure() && lower_case(*location).starts_with("http://")) {
      session_.warn(response.url.authority() + " names itself by http in an upload; https is used");
    }
    // The newest place counts: it may hold all that the server knows of the upload.
    place_ = place;
    return true;
  }

  /// After a chunk was taken: goes to where the server says it is. False when that makes no sense.
  bool advance(const ApiResponse& response) {
    const std::uint64_t most = std::min(blob_.size, confirmed_ + std::max(chunk_, least_chunk_));
    if (!take_place(response)) return false;
    const auto last = parse_upload_range(response.exchange.head().headers.find("range").value_or(""));
    if (!last || *last + 1 > most) return false;
    // "0-0" is one byte or none.
    if (*last == 0 && most != 1) return false;
    // Less than was sent, and so little that there would be no end: that is no clear answer.
    if (*last + 1 <= confirmed_ || (*last + 1 < most && *last + 1 < confirmed_ + kProgressBytes)) return false;
    go_on_from(*last + 1);
    return true;
  }

  /// Whoever loses bytes and takes them again gets no further, and uses the tries up.
  void go_on_from(std::uint64_t offset) {
    confirmed_ = offset;
    if (confirmed_ >= best_ + kProgressBytes || confirmed_ == blob_.size) {
      if (confirmed_ > best_) retry_.forgive();
      best_ = std::max(best_, confirmed_);
    }
  }

  /// Asks the server how far it got. False when it does not say so clearly.
  bool find_state() {
    const ApiResponse response = ask(Method::get, *place_, {}, nullptr);
    if (!is_taken(response)) return false;
    const auto last = parse_upload_range(response.exchange.head().headers.find("range").value_or(""));
    // "0-0" is one byte or none, and more than the blob has makes no sense.
    if (!last || *last == 0 || *last >= blob_.size) return false;
    take_place(response);
    go_on_from(*last + 1);
    return true;
  }

  /// After anything but a clear success; throws when there is nothing more to try. True: the blob is there after all.
  bool recover(const ApiResponse& response) {
    if (finds_other_bytes(response)) {
      explain_other_bytes();
    } else if (response.status() == 413) {
      send_less(response);
    } else {
      wait_or_give_up(response);
      // The answer may have been lost after the server had the last byte.
      if (sent_ != Sent::chunk && is_blob_there(session_, repository_, blob_)) return true;
      if (chunk_ == 0) chunk_ = kFirstChunk;
    }
    // Nothing goes on by guessing: what the server does not say clearly is sent from its beginning.
    if (!place_ || !find_state()) abandon();
    return false;
  }

  /// A proxy's limit: it is met before anything gets through.
  void send_less(const ApiResponse& response) {
    chunk_ = chunk_ == 0 ? kFirstChunk : chunk_ / 4;
    if (chunk_ < std::max(kLeastChunk, least_chunk_) || sent_ == Sent::end) refuse_write(session_, response);
  }

  void wait_or_give_up(const ApiResponse& response) {
    // The session is gone, or the server counts otherwise. A new session mends both.
    const bool lost = response.status() == 404 || response.status() == 416 || is_taken(response);
    const std::string why = is_taken(response) ? "the registry does not say clearly how much it has" : response.line();
    if ((!lost && !response.is_temporary()) || !retry_.again(response.exchange, why)) give_up(response, why);
  }

  [[noreturn]] void give_up(const ApiResponse& response, const std::string& why) {
    if (is_taken(response)) fail(Fault::unavailable, session_.base().authority(), ": ", why);
    refuse_write(session_, response);
  }

  /// The server hashed what it has and got something else.
  void explain_other_bytes() {
    // First whether they were wrong here: then no server can help.
    const Digest found = digest_of(bytes_, blob_.digest.algorithm());
    if (found != blob_.digest) {
      throw Error(Fault::corrupt, "expected " + blob_.digest.to_string() + " to send, found " + found.to_string(),
                  "the copy on this machine is damaged: hallmark check says more");
    }
    // Pieces that were put together wrongly; whole it may work, once.
    if (sent_ == Sent::whole || was_mended_) {
      fail(Fault::corrupt, session_.base().authority(), " received other bytes than were sent");
    }
    was_mended_ = true;
    chunk_ = 0;
    abandon();
  }

  /// Whatever comes of it: the server forgets unfinished uploads by itself some day.
  void abandon() {
    if (!place_) return;
    const Url place = *place_;
    place_.reset();
    confirmed_ = 0;
    try {
      static_cast<void>(ask(Method::remove, place, {}, nullptr));
    } catch (const Error& error) {
      if (error.fault() == Fault::interrupted) throw;
    }
  }

  /// In whichever algorithm the registry has it.
  void check_end(const ApiResponse& response) const {
    const std::string host = response.url.authority();
    for (const Digest& said : claimed_digests(response.exchange.head().headers, host)) {
      const bool is_same_kind = said.algorithm() == blob_.digest.algorithm();
      if (said == (is_same_kind ? blob_.digest : digest_of(bytes_, said.algorithm()))) continue;
      fail(Fault::corrupt, host, " contradicts itself: it was sent ", blob_.digest.to_string(),
           ", Docker-Content-Digest says ", said.to_string());
    }
  }

  Session& session_;
  const std::string& repository_;
  const store::Descriptor& blob_;
  store::BlobReader& bytes_;
  std::optional<std::string> mount_from_;
  Retry retry_;
  std::optional<Url> place_;     // of the session, newest; none: no session
  std::uint64_t confirmed_ = 0;  // bytes that the server says it has
  std::uint64_t best_ = 0;       // the most it ever said, over all sessions
  std::uint64_t chunk_ = 0;      // 0: all in one
  std::uint64_t least_chunk_ = 0;
  Sent sent_ = Sent::whole;
  bool was_mended_ = false;
};

}  // namespace

std::optional<std::uint64_t> parse_upload_range(std::string_view text) {
  if (text.starts_with("bytes=")) text.remove_prefix(6);
  if (!text.starts_with("0-")) return std::nullopt;
  text.remove_prefix(2);
  std::uint64_t last = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), last);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  if (last == UINT64_MAX) return std::nullopt;
  return last;
}

Url upload_place(const Url& answered, const std::string& location) {
  const bool is_bare_host = lower_case(location).starts_with(answered.authority() + "/");
  Url place = answered.resolve(is_bare_host ? "//" + location : location);
  if (answered.is_secure() && !place.is_secure() && place.host() == answered.host()) {
    place = place.with_scheme("https");
  }
  // The server chooses this place as it would a redirect's, under the same rules.
  check_redirect(answered, place);
  return place;
}

Url closing_place(const Url& place, const Digest& digest) {
  const std::string& target = place.target();
  return place.at(target + (target.find('?') == std::string::npos ? "?" : "&") +
                  "digest=" + percent_encoded(digest.to_string(), ""));
}

Delivery upload_blob(Session& session, const std::string& repository, const store::Descriptor& blob,
                     store::BlobReader& bytes, const std::optional<std::string>& mount_from) {
  // Told here as damage on this machine. A server could only say that the digest is another one.
  if (bytes.size() != blob.size) fail(Fault::corrupt, "expected ", blob.size, " bytes to send, found ", bytes.size());
  return Upload(session, repository, blob, bytes, mount_from).run();
}

bool is_blob_there(Session& session, const std::string& repository, const store::Descriptor& blob) {
  try {
    return shows(session, look_for(session, repository, blob, kLookTries), blob);
  } catch (const Error& error) {
    if (error.fault() != Fault::unavailable && error.fault() != Fault::unauthorized) throw;
    return false;
  }
}

void require_blob(Session& session, const std::string& repository, const store::Descriptor& blob) {
  Retry retry(session.http(), session.base().authority() + ": " + blob.digest.abbreviated(), kReadBackTries);
  for (;;) {
    const ApiResponse response = look_for(session, repository, blob, kUploadTries);
    const int status = response.status();
    // Who may write and not look, or is sent to where nobody may look, has no way to know, and is told so. The registry
    // itself looks for it when it takes the manifest.
    const bool is_elsewhere = response.redirected && (status == 401 || status == 403);
    const bool is_broken = status >= 400 && status != 401 && status != 403 && status != 404 && status != 429;
    if (is_broken || is_elsewhere) {
      session.warn("warning: " + session.base().authority() + " took " + blob.digest.abbreviated() +
                   ", but does not let anybody look whether it has it: HTTP " + std::to_string(status));
      return;
    }
    if (shows(session, response, blob)) return;
    // Registries of several machines may take a moment to agree.
    if (retry.again(response.exchange, "taken, but not there")) continue;
    throw Error(Fault::unavailable, "the registry took it, but does not show it",
                "push again; if that does not help, it is for whoever runs the registry");
  }
}

}  // namespace hallmark::registry
