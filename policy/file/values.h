// SPDX-License-Identifier: Apache-2.0
//
// Names, lists and times as the native dialect writes them. Anything else is Fault::usage.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/json.h"
#include "trust/time.h"

namespace hallmark::policy {

[[noreturn]] void not_supported_yet(const std::string& what);

/// Names of stores and requirements: "acme-dct", at most 64 characters.
void check_name(const std::string& name);
/// A list with at least one text.
std::vector<std::string> texts_in(const json::Value& value);
/// Trust roles: "targets", "targets/releases".
std::vector<std::string> roles_in(const json::Value& value);
/// Why no repository can be called so; empty when one can.
std::string gun_fault(std::string_view text);
/// The globally unique name of a trust collection; never a reference with tag or digest.
std::string gun_in(const json::Value& value);

/// In UTC, whole seconds.
Time time_in(const json::Value& value);

}  // namespace hallmark::policy
