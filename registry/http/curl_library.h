// SPDX-License-Identifier: Apache-2.0
//
// libcurl, started. For the files that use libcurl, and no others.
#pragma once

#include <curl/curl.h>

namespace hallmark::registry {

/// To be closed by curl_easy_cleanup(). The first one starts the library, by whichever thread it comes: Fault::local
/// when it is too old, or does not start.
CURL* new_handle();

}  // namespace hallmark::registry
