// SPDX-License-Identifier: Apache-2.0
//
// What the transfer library's codes mean to us.
#pragma once

#include <string_view>

#include "registry/http.h"

namespace hallmark::registry {

/// `code` is the library's, `text` what it says about it; `connected`: whether there ever was a connection.
Trouble trouble_of(int code, bool connected, std::string_view text);

}  // namespace hallmark::registry
