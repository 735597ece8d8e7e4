// SPDX-License-Identifier: Apache-2.0
#include "registry/http/curl_library.h"

#include <string>

#include "trust/error.h"
#include "trust/shared_library.h"

namespace hallmark::registry {
namespace {

/// The first that knows every option that is set here, CURLOPT_PROTOCOLS_STR last: an older one would go without it.
constexpr unsigned kLeastVersion = CURL_VERSION_BITS(7, 85, 0);
constexpr const char* kLeastVersionText = "7.85.0";

}  // namespace

CurlLibrary load_curl(const char* file) {
  const SharedLibrary library(
      file, "the transfer library",
      "install libcurl with all that it needs (Debian's package is libcurl4, from Debian 13 on libcurl4t64)");
  CurlLibrary functions;
  library.find("curl_global_init", functions.global_init);
  library.find("curl_version_info", functions.version_info);
  library.find("curl_easy_init", functions.easy_init);
  library.find("curl_easy_reset", functions.easy_reset);
  library.find("curl_easy_cleanup", functions.easy_cleanup);
  library.find("curl_easy_setopt", functions.easy_setopt);
  library.find("curl_easy_getinfo", functions.easy_getinfo);
  library.find("curl_easy_perform", functions.easy_perform);
  library.find("curl_easy_strerror", functions.easy_strerror);
  library.find("curl_slist_append", functions.slist_append);
  library.find("curl_slist_free_all", functions.slist_free_all);
  const curl_version_info_data& version = *functions.version_info(CURLVERSION_NOW);
  if (version.version_num < kLeastVersion) {
    library.refuse(std::string(file) + " is version " + printable(version.version, 40) + ", expected " +
                   kLeastVersionText + " or a newer one");
  }
  if (functions.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) library.refuse(std::string(file) + " does not start");
  return functions;
}

const CurlLibrary& curl() {
  static const CurlLibrary kLibrary = load_curl(HALLMARK_CURL_SONAME);
  return kLibrary;
}

}  // namespace hallmark::registry
