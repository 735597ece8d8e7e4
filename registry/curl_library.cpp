// SPDX-License-Identifier: Apache-2.0
#include "registry/curl_library.h"

#include <dlfcn.h>

#include <bit>
#include <string>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// The first that knows every option that is set here, CURLOPT_PROTOCOLS_STR last: an older one would go without it.
constexpr unsigned kLeastVersion = CURL_VERSION_BITS(7, 85, 0);
constexpr const char* kLeastVersionText = "7.85.0";

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Fault::local, "the transfer library cannot be used: " + why,
              "install libcurl (Debian's package is libcurl4, from Debian 13 on libcurl4t64)");
}

std::string last_failure() {
  const char* const text = dlerror();
  return text == nullptr ? "no reason is given" : printable(text, 300);
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  void* const found = dlsym(library, name);
  if (found == nullptr) refuse(last_failure());
  function = std::bit_cast<Function>(found);  // POSIX: what dlsym() finds may be called
}

}  // namespace

CurlLibrary load_curl(const char* file) {
  // It stays loaded: handles of it live as long as the process, and so may its threads.
  void* const library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) refuse(last_failure());
  CurlLibrary functions;
  find(library, "curl_global_init", functions.global_init);
  find(library, "curl_version_info", functions.version_info);
  find(library, "curl_easy_init", functions.easy_init);
  find(library, "curl_easy_reset", functions.easy_reset);
  find(library, "curl_easy_cleanup", functions.easy_cleanup);
  find(library, "curl_easy_setopt", functions.easy_setopt);
  find(library, "curl_easy_getinfo", functions.easy_getinfo);
  find(library, "curl_easy_perform", functions.easy_perform);
  find(library, "curl_easy_strerror", functions.easy_strerror);
  find(library, "curl_slist_append", functions.slist_append);
  find(library, "curl_slist_free_all", functions.slist_free_all);
  const curl_version_info_data& version = *functions.version_info(CURLVERSION_NOW);
  if (version.version_num < kLeastVersion) {
    refuse(std::string(file) + " is version " + printable(version.version, 40) + ", expected " + kLeastVersionText +
           " or a newer one");
  }
  if (functions.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) refuse(std::string(file) + " does not start");
  return functions;
}

const CurlLibrary& curl() {
  static const CurlLibrary kLibrary = load_curl(HALLMARK_CURL_SONAME);
  return kLibrary;
}

}  // namespace hallmark::registry
