// SPDX-License-Identifier: Apache-2.0
#include "registry/http_trouble.h"

#include <curl/curl.h>

namespace hallmark::registry {
namespace {

bool says_not_tls(std::string_view text) {
  for (const std::string_view mark :
       {"wrong version number", "unknown protocol", "http request", "packet length too long", "record layer failure"}) {
    if (text.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Trouble trouble_of(int code, bool connected, std::string_view text) {
  switch (code) {
    case CURLE_OK: return Trouble::none;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return Trouble::unknown_host;
    case CURLE_COULDNT_CONNECT: return Trouble::no_connection;
    case CURLE_OPERATION_TIMEDOUT: return connected ? Trouble::timed_out : Trouble::no_connection;
    case CURLE_SSL_CONNECT_ERROR: return says_not_tls(text) ? Trouble::not_tls : Trouble::no_tls;
    case CURLE_PEER_FAILED_VERIFICATION: return Trouble::untrusted;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: return text.find(" alert ") != std::string_view::npos ? Trouble::no_tls : Trouble::cut;
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_GOT_NOTHING: return Trouble::cut;
    default: return Trouble::garbled;
  }
}

}  // namespace hallmark::registry
