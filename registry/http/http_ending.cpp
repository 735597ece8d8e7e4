// SPDX-License-Identifier: Apache-2.0
#include "registry/http/http_ending.h"

#include <algorithm>
#include <utility>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// An answer to HEAD has the length of a body that does not come, and 204 and 304 have none (RFC 9112 section 6.3).
bool has_body(Method method, int status) { return method != Method::head && status != 204 && status != 304; }

Exchange cut(std::string detail) { return Exchange::failed(TransportError::cut, std::move(detail)); }

/// Against its Content-Length. The library reads some forms of that header otherwise than we do, or not at all.
Exchange measured(Course&& course) {
  const auto length = course.head.length();
  if (!length) return Exchange::failed(TransportError::garbled, "its Content-Length is more than anyone can send");
  if (course.received == *length) return Exchange::answered(std::move(course.head));
  return cut("expected " + std::to_string(*length) + " bytes, found " + std::to_string(course.received));
}

}  // namespace

std::string unclear_end(const Headers& headers) {
  const std::vector<std::string> lengths = headers.all("content-length");
  const std::vector<std::string> codings = headers.all("transfer-encoding");
  // RFC 9110 section 8.6 lets a reader take equal lengths for one. Programs on the way differ in which of several
  // counts, so none is taken here.
  if (lengths.size() > 1) return "it has more than one Content-Length";
  if (codings.size() > 1) return "it has more than one Transfer-Encoding";
  if (lengths.size() == 1 && !is_number(lengths.front())) {
    return "its Content-Length is \"" + printable(lengths.front(), 80) + "\"";
  }
  if (codings.empty()) return {};
  // One reader follows the chunks and another the length: so a second answer is smuggled behind the first (RFC 9112
  // section 6.3).
  if (!lengths.empty()) return "it has a Content-Length and a Transfer-Encoding";
  // Chunks alone say where they end. No other coding was asked for.
  if (lower_case(codings.front()) == "chunked") return {};
  return "expected the Transfer-Encoding \"chunked\", found \"" + printable(codings.front(), 80) + "\"";
}

Exchange ended(const Request& request, Course&& course) {
  if (!course.has_head) return cut("in the middle of its headers");
  if (!has_body(request.method, course.head.status)) return Exchange::answered(std::move(course.head));
  // Bytes behind the end would begin the next answer on this connection.
  if (course.has_more) return Exchange::failed(TransportError::garbled, "more bytes come with it than it says");
  if (course.head.headers.find("content-length")) return measured(std::move(course));
  // Chunks the library follows to their end. What has neither ends with its connection, and over TLS that has an end of
  // its own: without it anybody on the way may have cut it.
  const bool has_own_end = course.head.headers.find("transfer-encoding").has_value();
  if (!has_own_end && request.url.is_secure() && !course.was_closed) return cut("TLS was not closed");
  return Exchange::answered(std::move(course.head));
}

}  // namespace hallmark::registry
