// SPDX-License-Identifier: Apache-2.0
#include "registry/http/curl_library.h"

#include "tests/support/catch.h"

using namespace hallmark;

TEST_CASE("libcurl is of the major version that its header says", "[registry]") {
  curl_easy_cleanup(registry::new_handle());
  const curl_version_info_data& linked = *curl_version_info(CURLVERSION_NOW);
  CHECK(linked.version_num >> 16U == LIBCURL_VERSION_MAJOR);
}
