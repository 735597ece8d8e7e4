// SPDX-License-Identifier: Apache-2.0
//
// Lists of tags, page by page (distribution-spec, "Listing Tags").
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "registry/session.h"
#include "trust/bytes.h"

namespace hallmark::registry {

/// {"name":...,"tags":[...]}, as they came; "tags" may be null. Fault::corrupt otherwise: a list of which something
/// cannot be read is no list of the tags.
std::vector<std::string> parse_tag_page(ByteView body);

/// All tags of the repository ("library/debian"), following pages in good order and not for ever.
std::set<std::string> list_tags(Session& session, const std::string& path);

}  // namespace hallmark::registry
