// SPDX-License-Identifier: Apache-2.0
//
// What the transfer library's codes mean to us.
#pragma once

#include <string>
#include <string_view>

#include "registry/http/http_ending.h"
#include "registry/settings.h"

namespace hallmark::registry {

/// `code` is the library's, `text` what it says about it; `connected`: whether there ever was a connection.
TransportError transport_error_of(int code, bool connected, std::string_view text);

/// What the library says of a request to `url`: it repeats the address of a proxy, which may hold a password.
std::string without_proxy_user(std::string text, const Settings& settings, const Url& url);

/// Whether any byte of an answer came to the library's `handle`. Of a request with a body the library does not say.
bool has_begun(void* handle, const Request& request);

/// What came of a transfer that the library's `handle` ended with `code`.
Exchange came_to(void* handle, int code, std::string_view text, const Request& request, Course&& course);

}  // namespace hallmark::registry
