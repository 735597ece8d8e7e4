// SPDX-License-Identifier: Apache-2.0
//
// The canonical form of JSON, over which trust metadata is signed and keys are named: rebuilt from the parsed value,
// never cut out of the file. Members bytewise sorted, only `"` and `\` escaped, everything else raw, numbers whole.
// It need not be valid JSON.
#pragma once

#include <string>

#include "trust/json.h"

namespace hallmark::tuf {

/// Appends the canonical form. A number that is not whole, or is beyond 2^53 either way, is Fault::corrupt.
void append_canonical(const json::Value& value, std::string& out);

/// Appends a string with its quotes.
void append_canonical(std::string_view text, std::string& out);

}  // namespace hallmark::tuf
