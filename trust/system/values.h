// SPDX-License-Identifier: Apache-2.0
//
// Names, lists and times as the native dialect writes them. Anything else is Fault::usage.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/error.h"
#include "trust/json.h"
#include "trust/time.h"

namespace hallmark::trust {

/// What a policy file cannot mean: Fault::usage.
template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  fail(Fault::usage, parts...);
}
/// Refused and not ignored: a requirement that nobody looks at would be one that always passes.
[[noreturn]] void not_supported_yet(const std::string& what);

/// A text of the file as a message shows it.
std::string shown(std::string_view text);

/// Names of stores and requirements: "acme-dct", at most 64 characters.
void check_name(const std::string& name);
/// A list with at least one text.
std::vector<std::string> texts_in(const json::Value& value);
/// Why no repository, or no part of one, can be called so; empty when one can.
std::string repository_fault(std::string_view text);
std::string repository_prefix_fault(std::string_view text);

/// In UTC, whole seconds.
Time time_in(const json::Value& value);

}  // namespace hallmark::trust
