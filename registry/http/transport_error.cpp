// SPDX-License-Identifier: Apache-2.0
#include "registry/http/transport_error.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "registry/http/curl_library.h"
#include "registry/http/shown_address.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// What OpenSSL says when a handshake is answered in plain text, which differs by version and by the first bytes. This
/// trouble may lead to plain http (Session), so no other failure of a handshake may match.
bool says_not_tls(std::string_view text) {
  for (const std::string_view mark :
       {"wrong version number", "unknown protocol", "http request", "packet length too long", "record layer failure"}) {
    if (text.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

/// The library has no such time before the connection stands, TLS included.
bool never_connected(CURL* handle) {
  curl_off_t before_transfer = 0;
  curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &before_transfer);
  return before_transfer == 0;
}

std::string detail_of(TransportError error, const Request& request, CURL* handle, std::string_view text) {
  const Url& url = request.url;
  long os_error = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_error);
  if (error == TransportError::no_connection && !request.socket.empty() && os_error != 0) {
    return std::generic_category().message(static_cast<int>(os_error));
  }
  if (error == TransportError::no_connection && os_error == ECONNREFUSED) {
    return "port " + std::to_string(url.port()) + " refused it";
  }
  // The name that was not found is in every message already, unless it is a proxy's.
  if (error == TransportError::unknown_host && text == "Could not resolve host: " + url.host()) return {};
  return printable(text, 300);
}

}  // namespace

TransportError transport_error_of(int code, bool connected, std::string_view text) {
  switch (code) {
    case CURLE_OK: return TransportError::none;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return TransportError::unknown_host;
    case CURLE_COULDNT_CONNECT: return TransportError::no_connection;
    case CURLE_OPERATION_TIMEDOUT: return connected ? TransportError::timed_out : TransportError::no_connection;
    case CURLE_SSL_CONNECT_ERROR: return says_not_tls(text) ? TransportError::not_tls : TransportError::no_tls;
    case CURLE_PEER_FAILED_VERIFICATION: return TransportError::untrusted;
    // In TLS 1.3 a server refuses this client's certificate, or its lack, after the handshake: the alert comes with the
    // first read.
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return text.find(" alert ") != std::string_view::npos ? TransportError::no_tls : TransportError::cut;
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_GOT_NOTHING: return TransportError::cut;
    default: return TransportError::garbled;
  }
}

std::string without_proxy_user(std::string text, const Settings& settings, const Url& url) {
  return without_user(std::move(text), url.is_secure() ? settings.https_proxy : settings.http_proxy);
}

bool has_begun(void* handle, const Request& request) {
  if (request.body != nullptr || request.stream) return false;
  curl_off_t before_answer = 0;
  curl_easy_getinfo(handle, CURLINFO_STARTTRANSFER_TIME_T, &before_answer);
  return before_answer != 0;
}

Exchange came_to(void* handle, int code, std::string_view text, const Request& request, Course&& course) {
  // What was decided here comes first: the library only knows that a callback ended the transfer.
  if (course.stopped) return Exchange::failed(TransportError::stopped, {});
  if (!course.fault.empty()) return Exchange::failed(TransportError::garbled, std::move(course.fault));
  if (code == CURLE_OK) return ended(request, std::move(course));
  const TransportError error = transport_error_of(code, !never_connected(handle), text);
  return Exchange::failed(error, detail_of(error, request, handle, text));
}

}  // namespace hallmark::registry
