// SPDX-License-Identifier: Apache-2.0
#include "registry/http/failure.h"

#include <string_view>

namespace hallmark::registry {
namespace {

std::string_view words_for(TransportError error) {
  switch (error) {
    case TransportError::none: return "no trouble";
    case TransportError::stopped: return "stopped";
    case TransportError::unknown_host: return "host not found";
    case TransportError::no_connection: return "no connection";
    case TransportError::not_tls: return "the other side does not speak TLS";
    case TransportError::untrusted: return "TLS certificate not trusted";
    case TransportError::no_tls: return "no TLS connection";
    case TransportError::timed_out: return "no answer in time";
    case TransportError::proxy_refuses:
    case TransportError::proxy_fails: return {};  // the detail says all of it
    case TransportError::cut: return "connection cut";
    case TransportError::garbled: return "the answer is not HTTP as we know it";
  }
  return "trouble";
}

}  // namespace

std::string failure_line(const Exchange& exchange) {
  const std::string words(words_for(exchange.error()));
  if (words.empty()) return exchange.detail();
  return exchange.detail().empty() ? words : words + " (" + exchange.detail() + ")";
}

std::string failure_hint(const Exchange& exchange, const std::string& certificate_place) {
  if (exchange.error() == TransportError::untrusted && !certificate_place.empty()) {
    return "if you trust its authority, put the certificate of that authority into " + certificate_place;
  }
  if (exchange.error() == TransportError::proxy_refuses) {
    return "https_proxy=http://USER:PASSWORD@HOST:PORT gives it a user, special characters percent-encoded; no_proxy "
           "names hosts that are reached without it";
  }
  if (exchange.error() == TransportError::not_tls) {
    return "plain http is spoken only with loopback hosts, unless it is allowed explicitly";
  }
  return {};
}

}  // namespace hallmark::registry
