// SPDX-License-Identifier: Apache-2.0
//
// Addresses in messages. What somebody typed may hold a password, in places where none belongs.
#pragma once

#include <string>
#include <string_view>

namespace hallmark::registry {

/// "https://***@host/path" of "https://user:password@host/path"; printable, and no longer than a line.
std::string shown_address(std::string_view address);

/// What a library says of this address, without the user and the password that it may repeat of it.
std::string without_user(std::string text, std::string_view address);

}  // namespace hallmark::registry
