// SPDX-License-Identifier: Apache-2.0
#include "registry/http/curl_library.h"

#include <string>

#include "tests/support/catch.h"
#include "trust/error.h"

using namespace hallmark;
using registry::curl;
using registry::load_curl;

namespace {

/// A fault of this machine that says so much, and names the package that helps.
void require_refused(const char* file, const std::string& words) {
  INFO(file);
  try {
    load_curl(file);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::local);
    CHECK(std::string(error.what()).find(words) != std::string::npos);
    CHECK(error.hint().find("libcurl4") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("the transfer library is loaded once, and is of the major version that its header says", "[registry]") {
  const curl_version_info_data& loaded = *curl().version_info(CURLVERSION_NOW);
  CHECK(loaded.version_num >> 16U == LIBCURL_VERSION_MAJOR);
  CHECK(&curl() == &curl());
}

TEST_CASE("a transfer library that is not there, or is another, is refused", "[registry]") {
  require_refused("libcurl-of-nobody.so.4", "libcurl-of-nobody.so.4: cannot open shared object file");
  require_refused("libcrypto.so.3", "undefined symbol: curl_global_init");
}
