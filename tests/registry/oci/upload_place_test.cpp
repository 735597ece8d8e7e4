// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/upload.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::Url;

TEST_CASE("places that servers name for an upload", "[registry][upload]") {
  const Url secure = Url::parse("https://r.example:5000/v2/a/blobs/uploads/");
  const auto place = [&](const std::string& location) { return registry::upload_place(secure, location).to_string(); };
  CHECK(place("https://s.example/x?y") == "https://s.example/x?y");
  CHECK(place("/v2/a/u/1?s=2") == "https://r.example:5000/v2/a/u/1?s=2");
  CHECK(place("r.example:5000/v2/a/u/1") == "https://r.example:5000/v2/a/u/1");
  CHECK(place("http://r.example:5000/v2/u") == "https://r.example:5000/v2/u");
  REQUIRE_FAULT(place("http://s.example/x"), Fault::unavailable);
  REQUIRE_FAULT(place("https://127.0.0.1/x"), Fault::unavailable);
  REQUIRE_FAULT(place("ftp://r.example/x"), Fault::unavailable);
  const Digest digest = Digest::of(view_of("x"));
  const auto closing = [&](const std::string& url) {
    return registry::closing_place(Url::parse(url), digest).to_string();
  };
  CHECK(closing("https://r/u") == "https://r/u?digest=sha256%3A" + digest.hex());
  CHECK(closing("https://r/u?a=b") == "https://r/u?a=b&digest=sha256%3A" + digest.hex());
}

TEST_CASE("the range of an upload", "[registry][upload]") {
  CHECK(registry::parse_upload_range("0-9") == 9U);
  CHECK(registry::parse_upload_range("bytes=0-9") == 9U);
  CHECK(registry::parse_upload_range("0-0") == 0U);
  for (const char* text : {"", "0", "1-9", "0-", "0-x", "0-9 ", "bytes 0-9", "0--1", "0-18446744073709551615"}) {
    CAPTURE(text);
    CHECK_FALSE(registry::parse_upload_range(text));
  }
}
