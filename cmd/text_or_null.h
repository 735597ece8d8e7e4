// SPDX-License-Identifier: Apache-2.0
//
// What --json writes where a text may not be known.
#pragma once

#include <optional>
#include <string>

#include "trust/json.h"

namespace hallmark::cmd {

inline json::Writer& text_or_null(json::Writer& writer, const std::optional<std::string>& text) {
  return text ? writer.string(*text) : writer.null();
}

}  // namespace hallmark::cmd
