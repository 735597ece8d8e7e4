// SPDX-License-Identifier: Apache-2.0
//
// libcurl, loaded by the first who wants to transfer something: with the thirty libraries that it brings along it would
// be half of the start of every command that asks no server. For the files that use libcurl, and no others.
#pragma once

#include <curl/curl.h>

namespace hallmark::registry {

/// Its functions under their names without "curl_", with the types that its header gives them.
struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_version_info) version_info = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

/// Loaded and started once, by whichever thread comes first. Fault::local when this machine has none that will do.
const CurlLibrary& curl();

/// What curl() loads: Fault::local when there is no library of that name, or one that is too old or lacks a function.
CurlLibrary load_curl(const char* file);

}  // namespace hallmark::registry
