// SPDX-License-Identifier: Apache-2.0
//
// What to say when an exchange came to nothing.
#pragma once

#include <string>

#include "registry/http/http.h"

namespace hallmark::registry {

/// The error of an exchange as one line.
std::string failure_line(const Exchange& exchange);

/// What can be done about it: for a certificate that is not trusted `certificate_place` is where its authority's would
/// be put (may be empty).
std::string failure_hint(const Exchange& exchange, const std::string& certificate_place);

}  // namespace hallmark::registry
