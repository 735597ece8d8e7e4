// SPDX-License-Identifier: Apache-2.0
//
// How the documents of an archive are read, the same in both views.
#pragma once

#include <string>

#include "store/image/image.h"
#include "store/stream/archive_refusal.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::store {

/// Any document of the archive, by the strict reader; refused with E_JSON_SYNTAX.
inline json::Value parse_json(std::string_view name, ByteView bytes) {
  return refusing_as("E_JSON_SYNTAX", [&] { return json::parse(name, bytes); });
}

/// The same for a config.
inline Config config_of(ByteView bytes) {
  return refusing_as("E_JSON_SYNTAX", [&] { return parse_config(bytes); });
}

/// A name as archives write it. Beside a digest the tag is what the archive says, and does not count.
Reference parse_name(const std::string& text);
/// A digest in the name of an image must be its own: any other would be a second word on what the bytes are.
void require_own_digest(const Reference& name, const Digest& image);

}  // namespace hallmark::store
