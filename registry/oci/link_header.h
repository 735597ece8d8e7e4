// SPDX-License-Identifier: Apache-2.0
//
// Lists that come in pages: where the next one is (RFC 8288). A list that ends early without a word is a list that
// lacks what somebody wants to hide, so what cannot be read is trouble and not an end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/server/session.h"
#include "trust/json.h"

namespace hallmark::registry {

/// Of a list that is none, or has no end.
constexpr std::string_view kNoListHint = "try again later; if that does not help, it is for whoever runs the registry";

/// Whether a document has errors in it: some registries send them with a status that says the opposite.
bool says_errors(const json::Object& document);

/// The target of the first link with rel "next", of all Link headers. Fault::unavailable when one of them cannot be
/// read.
std::optional<std::string> next_link(const std::vector<std::string>& headers);

/// Where the next page is: on this server, whatever name a proxy gave it; another host is refused, and an address that
/// grows and grows.
std::string next_target(const Session& session, const Url& from, const std::string& link);

}  // namespace hallmark::registry
