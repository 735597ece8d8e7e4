// SPDX-License-Identifier: Apache-2.0
#include "registry/http/failure.h"

#include <string_view>

namespace hallmark::registry {
namespace {

std::string_view words_for(Trouble trouble) {
  switch (trouble) {
    case Trouble::none: return "no trouble";
    case Trouble::stopped: return "stopped";
    case Trouble::unknown_host: return "host not found";
    case Trouble::no_connection: return "no connection";
    case Trouble::not_tls: return "the other side does not speak TLS";
    case Trouble::untrusted: return "TLS certificate not trusted";
    case Trouble::no_tls: return "no TLS connection";
    case Trouble::timed_out: return "no answer in time";
    case Trouble::cut: return "connection cut";
    case Trouble::garbled: return "the answer is not HTTP as we know it";
  }
  return "trouble";
}

}  // namespace

std::string trouble_line(const Exchange& exchange) {
  const std::string words(words_for(exchange.trouble()));
  return exchange.detail().empty() ? words : words + " (" + exchange.detail() + ")";
}

std::string trouble_hint(const Exchange& exchange, const std::string& certificate_place) {
  if (exchange.trouble() == Trouble::untrusted && !certificate_place.empty()) {
    return "if you trust its authority, put the certificate of that authority into " + certificate_place;
  }
  if (exchange.trouble() == Trouble::not_tls) {
    return "plain http is spoken only with loopback hosts, unless it is allowed explicitly";
  }
  return {};
}

}  // namespace hallmark::registry
