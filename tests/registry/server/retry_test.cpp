// SPDX-License-Identifier: Apache-2.0
#include "registry/server/retry.h"

#include "registry/server/rate_limit.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::parse_retry_after;
using std::chrono::seconds;

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
const std::chrono::system_clock::time_point kThen{seconds(784111777)};

}  // namespace

TEST_CASE("Retry-After is seconds or a date", "[registry]") {
  CHECK(parse_retry_after("7", kThen) == seconds(7));
  CHECK(parse_retry_after("0", kThen) == seconds(0));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kThen - seconds(5)) == seconds(5));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kThen + seconds(5)) == seconds(0));
  CHECK(parse_retry_after("999999999", kThen) == seconds(366 * 86400));
  CHECK(parse_retry_after("Sun, 06 Nov 9994 08:49:37 GMT", kThen) == seconds(366 * 86400));
}

TEST_CASE("a Retry-After that is neither is none", "[registry]") {
  const std::string text =
      GENERATE(as<std::string>{}, "", "-1", "1.5", "soon", "99999999999999999999", "Sun, 06 Nov 1994 08:49:37",
               "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
               "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:4x:37 GMT");
  CHECK_FALSE(parse_retry_after(text, kThen));
}

TEST_CASE("only what may pass by itself is tried again", "[registry]") {
  for (const int status : {408, 429, 500, 502, 503, 504, 520, 524}) CHECK(registry::is_temporary(status));
  for (const int status : {200, 206, 301, 400, 401, 403, 404, 405, 413, 416, 501, 505, 525}) {
    CHECK_FALSE(registry::is_temporary(status));
  }
  using registry::TransportError;
  for (const TransportError error :
       {TransportError::cut, TransportError::timed_out, TransportError::no_connection, TransportError::unknown_host}) {
    CHECK(registry::is_temporary(error));
  }
  for (const TransportError error :
       {TransportError::untrusted, TransportError::not_tls, TransportError::garbled, TransportError::stopped}) {
    CHECK_FALSE(registry::is_temporary(error));
  }
}

TEST_CASE("a wait that is longer than anybody waits is told with its end", "[registry]") {
  const auto told = [](int status, const std::string& after) {
    registry::Head head;
    head.status = status;
    head.headers.add("Retry-After", after);
    return registry::long_wait(registry::Exchange::answered(std::move(head)), registry::Timing{}, kThen);
  };
  CHECK(told(429, "5400") == "it asks for 5400 s, until 1994-11-06T10:19:37Z");
  CHECK(told(503, "Sun, 06 Nov 1994 09:49:37 GMT") == "it asks for 3600 s, until 1994-11-06T09:49:37Z");
  CHECK(told(429, "60").empty());
  CHECK(told(429, "soon").empty());
  CHECK(told(404, "5400").empty());
}

TEST_CASE("few pulls left are told, many are not", "[registry]") {
  const auto told = [](std::string_view limit, std::string_view left) {
    registry::Headers headers;
    headers.add("RateLimit-Limit", limit);
    headers.add("RateLimit-Remaining", left);
    headers.add("Docker-RateLimit-Source", "192.0.2.7\x1b[31m");
    return registry::few_pulls_left(headers).value_or("");
  };
  CHECK(told("100;w=21600", "10;w=21600").rfind("10 of 100 pulls are left in 6 h for 192.0.2.7", 0) == 0);
  CHECK(told("100;w=21600", "0;w=21600").find('\x1b') == std::string::npos);
  CHECK(told("8", "5").rfind("5 of 8 pulls are left for", 0) == 0);
  CHECK(told("100;w=90", "5").rfind("5 of 100 pulls are left in 90 s", 0) == 0);
  CHECK(told("100;w=21600", "11;w=21600").empty());
  CHECK(told("0", "0").empty());
  CHECK(told("100", "101").empty());
  CHECK(told("many", "1").empty());
  CHECK(told("100", "1 or so").empty());
  CHECK(told("100", "").empty());
}
