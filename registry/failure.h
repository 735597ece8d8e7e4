// SPDX-License-Identifier: Apache-2.0
//
// What to say when an exchange came to nothing.
#pragma once

#include <string>

#include "registry/http.h"
#include "registry/url.h"

namespace hallmark::registry {

/// The trouble of an exchange as one line.
std::string trouble_line(const Exchange& exchange);

/// Throws Fault::unavailable for an exchange with trouble; when the certificate was not trusted the hint is
/// `certificate_place`, where an authority would be put (may be empty).
[[noreturn]] void fail_on_trouble(const Url& url, const Exchange& exchange, const std::string& certificate_place);

}  // namespace hallmark::registry
