// SPDX-License-Identifier: Apache-2.0
#include "registry/http/transport_error.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "registry/http/curl_library.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr int kProxyWantsCredentials = 407;

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

std::string detail_of(TransportError error, const Request& request, CURL* handle, std::string_view text,
                      const std::optional<Proxy>& proxy) {
  const Url& url = request.url;
  long os_error = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_error);
  if (error == TransportError::no_connection && !request.socket.empty() && os_error != 0) {
    return std::generic_category().message(static_cast<int>(os_error));
  }
  if (error == TransportError::no_connection && os_error == ECONNREFUSED) {
    // Who goes through a proxy connects to nobody else.
    return proxy ? "proxy " + proxy->shown + " refused it" : "port " + std::to_string(url.port()) + " refused it";
  }
  // The name that was not found is in every message already, unless it is a proxy's.
  if (error == TransportError::unknown_host && text == "Could not resolve host: " + url.host()) return {};
  if (error == TransportError::unknown_host && proxy) return "of the proxy " + proxy->shown;
  if (error == TransportError::no_connection && proxy)
    return "to the proxy " + proxy->shown + ": " + printable(text, 300);
  return printable(text, 300);
}

/// What a proxy answers to CONNECT, and 407, which nobody else says.
Exchange by_proxy(long status, const Request& request, const Proxy& proxy) {
  const std::string who = "proxy " + proxy.shown;
  const std::string said = " (HTTP " + std::to_string(status) + ")";
  if (status == kProxyWantsCredentials) {
    const bool has_user = !proxy.user.empty() || !proxy.password.empty();
    return Exchange::failed(TransportError::proxy_refuses,
                            who +
                                (has_user ? " does not take the user name and the password that it was given"
                                          : " wants a user name and a password") +
                                said);
  }
  const std::string whom = request.url.host() + ":" + std::to_string(request.url.port());
  const bool may_pass = status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
  if (may_pass) return Exchange::failed(TransportError::proxy_fails, who + " does not reach " + whom + said);
  return Exchange::failed(TransportError::proxy_refuses, who + " refuses the way to " + whom + said);
}

/// What it said instead of opening the way to a server of https; 0 when it opened it, or was not asked.
long refused_connect(CURL* handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &status);
  return status / 100 == 2 ? 0 : status;
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

bool has_begun(void* handle, const Request& request) {
  if (request.body != nullptr || request.stream) return false;
  curl_off_t before_answer = 0;
  curl_easy_getinfo(handle, CURLINFO_STARTTRANSFER_TIME_T, &before_answer);
  return before_answer != 0;
}

Exchange came_to(void* handle, const Ending& ending, const Request& request, const std::optional<Proxy>& proxy,
                 Course&& course) {
  // What was decided here comes first: the library only knows that a callback ended the transfer.
  if (course.stopped) return Exchange::failed(TransportError::stopped, {});
  if (!course.fault.empty()) return Exchange::failed(TransportError::garbled, std::move(course.fault));
  if (ending.code == CURLE_OK) {
    Exchange exchange = ended(request, std::move(course));
    return proxy && exchange.status() == kProxyWantsCredentials ? by_proxy(exchange.status(), request, *proxy)
                                                                : exchange;
  }
  if (const long status = refused_connect(handle); proxy && status != 0) return by_proxy(status, request, *proxy);
  // SOCKS has codes of its own, and a proxy may hang up before it has answered.
  const bool is_of_proxy = ending.code == CURLE_PROXY || ending.text.find("Proxy CONNECT aborted") != std::string::npos;
  if (proxy && is_of_proxy) {
    return Exchange::failed(TransportError::proxy_fails, "proxy " + proxy->shown + ": " + printable(ending.text, 300));
  }
  const TransportError error = transport_error_of(ending.code, !never_connected(handle), ending.text);
  return Exchange::failed(error, detail_of(error, request, handle, ending.text, proxy));
}

}  // namespace hallmark::registry
