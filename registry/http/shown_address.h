// SPDX-License-Identifier: Apache-2.0
//
// Addresses in messages. What somebody typed may hold a password, in places where none belongs.
#pragma once

#include <string>
#include <string_view>

namespace hallmark::registry {

/// "https://***@host/path" of "https://user:password@host/path?query"; printable, and no longer than a line. What
/// stands before the last "@" is hidden wherever that is, and a query may be a credential.
std::string shown_address(std::string_view address);

}  // namespace hallmark::registry
