// SPDX-License-Identifier: Apache-2.0
//
// What servers say when they refuse, as one line that is fit for a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark::registry {

/// The most bytes of such a body that are read.
constexpr std::uint64_t kMostErrorBytes = std::uint64_t{1} << 20U;

/// "manifest unknown (MANIFEST_UNKNOWN, HTTP 404)" from the error JSON of registries and trust servers, at most three
/// errors; for any other body its first words, or only "HTTP 404".
std::string error_line(int status, std::string_view body);

/// Texts of "Warning: 299 - "..."" headers (distribution-spec, "Warnings"); others are left out.
std::vector<std::string> warnings_of(const std::vector<std::string>& headers);

}  // namespace hallmark::registry
