// SPDX-License-Identifier: Apache-2.0
//
// What the transfer library's codes mean to us.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "registry/http/http_ending.h"
#include "registry/http/proxy.h"

namespace hallmark::registry {

/// `code` is the library's, `text` what it says about it; `connected`: whether there ever was a connection.
TransportError transport_error_of(int code, bool connected, std::string_view text);

/// Whether any byte of an answer came to the library's `handle`. Of a request with a body the library does not say.
bool has_begun(void* handle, const Request& request);

/// How a transfer ended: the library's code, and what it says about it.
struct Ending {
  int code;
  std::string text;
};

/// What came of a transfer of the library's `handle`. `proxy`: through which it went; what that one says or does is not
/// laid to the server.
Exchange came_to(void* handle, const Ending& ending, const Request& request, const std::optional<Proxy>& proxy,
                 Course&& course);

}  // namespace hallmark::registry
