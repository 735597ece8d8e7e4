// SPDX-License-Identifier: Apache-2.0
#include "registry/http/http.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

#include "registry/http/curl_library.h"
#include "registry/http/http_ending.h"
#include "registry/http/http_pace.h"
#include "registry/http/http_watch.h"
#include "registry/http/proxy.h"
#include "registry/http/system_authorities.h"
#include "registry/http/transport_error.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::size_t kMostHeaderBytes = std::size_t{64} << 10U;
constexpr long kBlobBufferBytes = 512L << 10;
/// Above this it is worth the wait to hear first whether the server wants the body.
constexpr std::uint64_t kLeastExpectBytes = std::uint64_t{1} << 20U;
constexpr std::size_t kMostIdleHandles = 16;
constexpr long kKeepAliveSeconds = 15;  // 9 of them without an answer end a connection, as Linux counts

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

/// What the callbacks of one exchange share.
struct Transfer {
  Receiver& receiver;
  const std::atomic<bool>* interrupted;
  CURL* handle;
  const Request& request;
  Patience patience;
  Course course{};
  std::uint64_t sent = 0;
  std::size_t header_bytes = 0;
  bool is_in_head = false;  // its status line has come
  std::exception_ptr failure{};
};

/// True to go on.
bool take_header(Transfer& transfer, std::string_view line) {
  transfer.header_bytes += line.size();
  Course& course = transfer.course;
  if (transfer.header_bytes > kMostHeaderBytes) {
    course.fault = "the answer has more than " + std::to_string(kMostHeaderBytes) + " bytes of headers";
    return false;
  }
  if (course.has_head) return true;  // trailers say nothing that counts
  Head& head = course.head;
  if (!transfer.is_in_head) {
    // The status line, also that of an answer on the way to the last one. What ended a kept connection before it is not
    // this answer's end.
    transfer.is_in_head = true;
    head.headers.clear();
    course.was_closed = false;
    return true;
  }
  if (line != "\r\n" && line != "\n") {
    course.fault = head.headers.add_line(line);
    return course.fault.empty();
  }
  long status = 0;
  curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200) {
    transfer.is_in_head = false;
    return true;
  }
  head.status = static_cast<int>(status);
  course.has_head = true;
  transfer.patience.head_ended();
  course.fault = unclear_end(head.headers);
  if (!course.fault.empty()) return false;
  course.stopped = !transfer.receiver.begin(head);
  return !course.stopped;
}

template <class Work>
std::size_t guarded(Transfer& transfer, std::size_t size, Work&& work) {
  try {
    return work() ? size : CURL_WRITEFUNC_ERROR;
  } catch (...) {
    transfer.failure = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  return guarded(transfer, size, [&] { return take_header(transfer, std::string_view(data, size)); });
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  return guarded(transfer, size, [&] {
    const Pace::Pause pause(transfer.patience.pace());
    transfer.course.received += size;
    if (transfer.request.stream) transfer.patience.sent(true, Patience::Clock::now());
    transfer.course.stopped = !transfer.receiver.body(view_of(std::string_view(data, size)));
    return !transfer.course.stopped;
  });
}

std::size_t next_to_send(Transfer& transfer, std::span<std::uint8_t> room) {
  if (transfer.request.stream) return transfer.request.stream(room);
  store::BlobReader* const body = transfer.request.body;
  if (body == nullptr || transfer.sent == body->size()) return 0;
  const std::size_t count = body->read(transfer.sent, room);
  if (count == 0) fail(Fault::local, "expected ", body->size(), " bytes to send, found ", transfer.sent);
  transfer.sent += count;
  return count;
}

/// The next bytes to send.
std::size_t on_send(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::size_t count = 0;
  const std::size_t result = guarded(transfer, size, [&] {
    count = next_to_send(transfer, {static_cast<std::uint8_t*>(static_cast<void*>(data)), size});
    const store::BlobReader* const body = transfer.request.body;
    transfer.patience.sent(body == nullptr || transfer.sent == body->size(), Patience::Clock::now());
    return true;
  });
  return result == size ? count : CURL_READFUNC_ABORT;
}

int on_progress(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.interrupted != nullptr && transfer.interrupted->load()) return 1;
  // A runtime that is sent an image works on it meanwhile: a word now and then is enough, at whatever pace.
  const auto counted = transfer.request.stream ? 0 : static_cast<std::uint64_t>(received);
  return transfer.patience.goes_on(counted, Patience::Clock::now()) ? 0 : 1;
}

void set_callbacks(CURL* handle, Transfer& transfer) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, &on_send);
  curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
  // There is no way back in the body: on a kept connection that is cut the library would send it once more by itself,
  // when the server may have got it already.
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

std::uint64_t body_size(const Request& request) { return request.body == nullptr ? 0 : request.body->size(); }

void set_method(CURL* handle, const Request& request) {
  switch (request.method) {
    case Method::get: return;
    case Method::head: curl_easy_setopt(handle, CURLOPT_NOBODY, 1L); return;
    case Method::remove: break;
    case Method::post:
    case Method::put:
    case Method::patch:
      curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                       request.stream ? curl_off_t{-1} : static_cast<curl_off_t>(body_size(request)));
      // What is sent once cannot be sent again on another connection, when a kept one turns out to be dead.
      if (request.stream) curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
      curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, kBlobBufferBytes);
      break;
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, std::string(method_name(request.method)).c_str());
}

List header_list(const Request& request) {
  List list;
  const auto append = [&](const std::string& line) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  for (const std::string& line : request.headers) append(line);
  append(body_size(request) > kLeastExpectBytes ? "Expect: 100-continue" : "Expect:");
  return list;
}

void set_proxy(CURL* handle, const std::optional<Proxy>& proxy) {
  // All are always set, so that the library asks the environment for none.
  curl_easy_setopt(handle, CURLOPT_PROXY, proxy ? proxy->address.c_str() : "");
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!proxy || (proxy->user.empty() && proxy->password.empty())) return;
  curl_easy_setopt(handle, CURLOPT_PROXYUSERNAME, proxy->user.c_str());
  curl_easy_setopt(handle, CURLOPT_PROXYPASSWORD, proxy->password.c_str());
}

}  // namespace

struct Http::Inside {
  Inside(Settings given, const Certificates& whom_to_trust, std::chrono::milliseconds limit)
      : settings(std::move(given)), certificates(whom_to_trust), connect_limit(limit) {}

  Settings settings;
  const Certificates& certificates;
  std::chrono::milliseconds connect_limit;
  std::mutex authorities_mutex;
  std::optional<SystemAuthorities> found_authorities;

  struct Idle {
    Handle handle;
    std::string origin;  // of its last exchange: it still has a connection there
  };
  std::mutex pool_mutex;
  std::vector<Idle> idle;
  std::mutex voice_mutex;

  Handle take(const std::string& origin);
  void give_back(Handle handle, std::string origin);
  const SystemAuthorities& authorities();
  void set_tls(CURL* handle, const Url& url);
  void set_limits(CURL* handle, const Request& request) const;
  void set_request(CURL* handle, const Request& request, const List& headers) const;
  [[nodiscard]] Patience patience_for(const Request& request) const;
};

Handle Http::Inside::take(const std::string& origin) {
  const std::lock_guard lock(pool_mutex);
  auto found = std::find_if(idle.rbegin(), idle.rend(), [&](const Idle& one) { return one.origin == origin; });
  if (found == idle.rend()) found = idle.rbegin();
  if (found != idle.rend()) {
    Handle handle = std::move(found->handle);
    idle.erase(std::next(found).base());
    curl_easy_reset(handle.get());
    return handle;
  }
  return Handle(new_handle());
}

void Http::Inside::give_back(Handle handle, std::string origin) {
  const std::lock_guard lock(pool_mutex);
  if (idle.size() < kMostIdleHandles) idle.push_back(Idle{std::move(handle), std::move(origin)});
}

/// Looked for by the first who needs them: many who have an Http transfer nothing.
const SystemAuthorities& Http::Inside::authorities() {
  const std::lock_guard lock(authorities_mutex);
  if (!found_authorities) found_authorities = find_system_authorities(settings);
  return *found_authorities;
}

void Http::Inside::set_tls(CURL* handle, const Url& url) {
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!url.is_secure()) return;
  const TlsFiles& files = certificates.for_host(url.authority());
  const SystemAuthorities& system = authorities();
  if (!system.folder.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(handle, CURLOPT_CAPATH, system.folder.c_str());
  }
  if (!files.authorities.empty() || !system.added.empty()) {
    std::string all = system.bundle + system.added + files.authorities;
    curl_blob blob{};
    blob.data = all.data();
    blob.len = all.size();
    blob.flags = CURL_BLOB_COPY;
    curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
  }
  if (!files.client_certificate.empty()) {
    curl_easy_setopt(handle, CURLOPT_SSLCERT, files.client_certificate.c_str());
    curl_easy_setopt(handle, CURLOPT_SSLKEY, files.client_key.c_str());
  }
}

void Http::Inside::set_limits(CURL* handle, const Request& request) const {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_limit.count()));
  // A server may be silent for long. That it is still there is asked below HTTP.
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPIDLE, kKeepAliveSeconds);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPINTVL, kKeepAliveSeconds);
  if (request.kind == Request::Kind::blob) {
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, kBlobBufferBytes);
  } else {
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(settings.timing.document.count()));
  }
}

Patience Http::Inside::patience_for(const Request& request) const {
  const Timing& timing = settings.timing;
  const bool is_blob = request.kind == Request::Kind::blob;
  return {is_blob ? timing.first_byte : std::min(timing.first_byte, timing.document), timing.stall};
}

void Http::Inside::set_request(CURL* handle, const Request& request, const List& headers) const {
  curl_easy_setopt(handle, CURLOPT_URL, request.url.to_string().c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_USERAGENT, settings.user_agent.c_str());
  set_method(handle, request);
  if (!request.socket.empty()) curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, request.socket.c_str());
}

Http::Http(const Settings& settings, const Certificates& certificates, std::chrono::milliseconds connect_limit) {
  inside_ = std::make_unique<Inside>(settings, certificates, connect_limit);
}

Http::~Http() = default;

const Settings& Http::settings() const { return inside_->settings; }

std::string Http::place_for_authority(const Url& url) const { return inside_->certificates.place_for(url.authority()); }

Exchange Http::perform(const Request& request, Receiver& receiver) {
  const Settings& settings = inside_->settings;
  const std::optional<Proxy> proxy = proxy_for(settings, request.url);
  std::string origin = request.socket + request.url.scheme() + "://" + request.url.authority();
  Handle handle = inside_->take(origin);
  Transfer transfer{receiver, settings.interrupted, handle.get(), request, inside_->patience_for(request)};
  std::string text(CURL_ERROR_SIZE, '\0');
  const List headers = header_list(request);
  inside_->set_tls(handle.get(), request.url);
  inside_->set_limits(handle.get(), request);
  inside_->set_request(handle.get(), request, headers);
  set_proxy(handle.get(), proxy);
  set_callbacks(handle.get(), transfer);
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, text.data());

  const auto started = std::chrono::steady_clock::now();
  CURLcode code = [&] {
    const HttpWatch watch(handle.get(), transfer.course);
    return curl_easy_perform(handle.get());
  }();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, nullptr);  // it is gone before the handle when something throws
  text.resize(text.find('\0'));
  if (code == CURLE_SEND_FAIL_REWIND) text = "before there was an answer";
  // libcurl calls a line of a head that is over its own limit so, too, be it the first one, of which nobody was told.
  const bool is_in_head = (transfer.header_bytes > 0 || has_begun(handle.get(), request)) && !transfer.course.has_head;
  if (code == CURLE_OUT_OF_MEMORY && !is_in_head) throw std::bad_alloc();
  if (is_in_head) transfer.patience.head_began();
  if (std::string why = transfer.patience.why(); !why.empty()) {
    code = CURLE_OPERATION_TIMEDOUT;
    text = std::move(why);
  }
  if (text.empty()) text = curl_easy_strerror(code);

  // What the receiver or the body threw says why. The library only knows that a callback ended the transfer.
  if (transfer.failure) std::rethrow_exception(transfer.failure);
  if (code == CURLE_ABORTED_BY_CALLBACK) fail(Fault::interrupted, "interrupted");
  if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE) {
    fail(Fault::usage, "certificate files for ", request.url.authority(), " cannot be used: ", printable(text, 300));
  }
  const int status = transfer.course.head.status;
  Exchange exchange = came_to(handle.get(), {code, text}, request, proxy, std::move(transfer.course));
  trace(std::string(method_name(request.method)) + " " + request.url.shown() + " -> " +
        (status != 0 ? std::to_string(status) : std::string("no answer")) +
        (exchange.detail().empty() ? "" : " (" + exchange.detail() + ")") + ", " + std::to_string(took.count()) +
        " ms");
  // A handle is lost when something throws: its connection may stand in the middle of an answer.
  inside_->give_back(std::move(handle), std::move(origin));
  if (exchange.is_answered()) receiver.end();
  return exchange;
}

void Http::notice(const std::string& line) {
  const std::lock_guard lock(inside_->voice_mutex);
  if (inside_->settings.notice) inside_->settings.notice(line);
}

void Http::trace(const std::string& line) {
  const std::lock_guard lock(inside_->voice_mutex);
  if (inside_->settings.trace) inside_->settings.trace(line);
}

void Http::wait(std::chrono::milliseconds duration) const {
  static constexpr std::chrono::milliseconds kSlice{20};
  const auto end = std::chrono::steady_clock::now() + duration;
  const std::atomic<bool>* const interrupted = inside_->settings.interrupted;
  for (;;) {
    if (interrupted != nullptr && interrupted->load()) fail(Fault::interrupted, "interrupted");
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

}  // namespace hallmark::registry
