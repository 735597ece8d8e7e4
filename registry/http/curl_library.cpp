// SPDX-License-Identifier: Apache-2.0
#include "registry/http/curl_library.h"

#include <new>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// The first that knows every option that is set here, CURLOPT_PROTOCOLS_STR last: an older one would go without it.
constexpr unsigned kLeastVersion = CURL_VERSION_BITS(7, 85, 0);
constexpr const char* kLeastVersionText = "7.85.0";

bool start() {
  const curl_version_info_data& version = *curl_version_info(CURLVERSION_NOW);
  if (version.version_num < kLeastVersion) {
    throw Error(
        Fault::local,
        "libcurl is version " + printable(version.version, 40) + ", expected " + kLeastVersionText + " or a newer one",
        "install a newer libcurl");
  }
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) fail(Fault::local, "libcurl does not start");
  return true;
}

}  // namespace

CURL* new_handle() {
  // curl_global_init() must not run twice at once: the start of a static is left to one thread, and the others wait.
  // When it throws, the next call tries again.
  static const bool kStarted = start();
  CURL* handle = kStarted ? curl_easy_init() : nullptr;
  if (handle == nullptr) throw std::bad_alloc();
  return handle;
}

}  // namespace hallmark::registry
