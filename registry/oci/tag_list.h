// SPDX-License-Identifier: Apache-2.0
//
// Lists of tags, page by page (distribution-spec, "Listing Tags").
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "registry/server/session.h"
#include "trust/bytes.h"

namespace hallmark::registry {

struct TagPage {
  std::vector<std::string> tags;      ///< legal ones, as they came
  std::vector<std::string> left_out;  ///< what is none: some registries list digests, or names that nobody can ask for
  bool is_none = false;               ///< "tags" is null, or left out
};
/// {"name":...,"tags":[...]}; "tags" may be null or left out. Fault::corrupt when it is something else,
/// Fault::unavailable when it is an error.
TagPage parse_tag_page(ByteView body);

/// All tags of the repository ("library/debian"), following pages in good order and not for ever. Tells what it leaves
/// out.
std::set<std::string> list_tags(Session& session, const std::string& path);

}  // namespace hallmark::registry
