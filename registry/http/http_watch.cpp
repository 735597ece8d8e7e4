// SPDX-License-Identifier: Apache-2.0
#include "registry/http/http_watch.h"

#include <string_view>

#include "registry/http/curl_library.h"

namespace hallmark::registry {
namespace {

/// An alert of TLS: its level, and 0, which is close_notify (RFC 8446 section 6).
/// Whatever else the library shows of TLS has not two bytes: messages of the handshake have four at least.
bool is_close_notify(const char* data, std::size_t size) { return size == 2 && data[1] == 0; }

/// It tells that only in words for its log.
bool says_more(std::string_view text) {
  return text.starts_with("Excess found") || text.starts_with("Leftovers after chunking");
}

int on_debug(CURL* /*handle*/, curl_infotype type, char* data, std::size_t size, void* user) {
  auto& course = *static_cast<Course*>(user);
  if (type == CURLINFO_TEXT && says_more({data, size})) course.has_more = true;
  if (type == CURLINFO_SSL_DATA_IN && is_close_notify(data, size)) course.was_closed = true;
  return 0;
}

}  // namespace

HttpWatch::HttpWatch(void* handle, Course& course) : handle_(handle) {
  curl_easy_setopt(handle_, CURLOPT_DEBUGFUNCTION, &on_debug);
  curl_easy_setopt(handle_, CURLOPT_DEBUGDATA, &course);
  // Without this the library keeps to itself what it sees. Nothing is printed: on_debug() takes all of it.
  curl_easy_setopt(handle_, CURLOPT_VERBOSE, 1L);
}

HttpWatch::~HttpWatch() {
  // A kept connection is closed some day, and that is told as well.
  curl_easy_setopt(handle_, CURLOPT_VERBOSE, 0L);
  curl_easy_setopt(handle_, CURLOPT_DEBUGFUNCTION, nullptr);
  curl_easy_setopt(handle_, CURLOPT_DEBUGDATA, nullptr);
}

}  // namespace hallmark::registry
