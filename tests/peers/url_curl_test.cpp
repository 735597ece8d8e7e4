// SPDX-License-Identifier: Apache-2.0
//
// The host that this program decides about is the host that libcurl asks: both read the same out of an address.
#include "registry/http/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "tests/support/catch.h"

using namespace hallmark;

namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

/// Scheme, host without brackets and port, as libcurl has them; absent when it does not take the address.
std::optional<std::string> origin_by_curl(const std::string& address) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, address.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) return std::nullopt;
  const auto part = [&](CURLUPart wanted, unsigned flags) {
    char* text = nullptr;
    REQUIRE(curl_url_get(url.get(), wanted, &text, flags) == CURLUE_OK);
    std::string copy(text);
    curl_free(text);
    return copy;
  };
  std::string host = part(CURLUPART_HOST, 0);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return part(CURLUPART_SCHEME, 0) + " " + host + " " + part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string origin_of(const registry::Url& url) {
  return url.scheme() + " " + url.host() + " " + std::to_string(url.port());
}

std::string random_address(std::mt19937& random) {
  static const std::vector<std::string> kPieces{"a",         "b.example",
                                                "A.Example", "127.0.0.1",
                                                "0x7f.1",    "017700000001",
                                                "[::1]",     "[fe80::1%25eth0]",
                                                "localhost", ":",
                                                "80",        "443",
                                                "5000",      "65535",
                                                "65536",     "0",
                                                "@",         "user:pw",
                                                "/",         "//",
                                                "\\",        "?",
                                                "#",         "%2f",
                                                "%00",       ".",
                                                "..",        "/v2/",
                                                "x=1",       "&",
                                                " ",         "\t",
                                                "\u00e9",    "xn--e1a",
                                                "-",         "_",
                                                ";",         "[",
                                                "]",         "\x7f",
                                                "http:",     "https://"};
  std::string address = std::vector<std::string>{"http://", "https://", "HTTP://", "https:", "ftp://"}[random() % 5];
  for (std::size_t count = random() % 6 + 1; count > 0; --count) address += kPieces[random() % kPieces.size()];
  return address;
}

}  // namespace

TEST_CASE("an address means the same host to libcurl", "[peer]") {
  std::mt19937 random(20);
  std::size_t taken = 0;
  std::size_t taken_by_both = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string address = random_address(random);
    std::optional<registry::Url> url;
    try {
      url = registry::Url::parse(address);
    } catch (const Error&) {
      continue;
    }
    ++taken;
    INFO(address);
    // As it was written, and as it is asked for.
    for (const std::string& text : {address, url->to_string()}) {
      const auto theirs = origin_by_curl(text);
      if (!theirs) continue;  // nobody is asked then
      ++taken_by_both;
      REQUIRE(*theirs == origin_of(*url));
    }
  }
  REQUIRE(taken > 5000);
  REQUIRE(taken_by_both > taken);
}
