// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_reading.h"

#include <optional>

#include "trust/error.h"

namespace hallmark::store {

Reference parse_name(const std::string& text) {
  const auto refuse = [&](std::string_view why) {
    refuse_archive("E_REF_INVALID", "an image is called ", printable(text, 300), ", which ", why);
  };
  std::optional<Reference> name;
  try {
    name = Reference::parse(text);
  } catch (const Error& error) {
    refuse(std::string("is no name: ") + error.what());
  }
  // It would be a second word on what the bytes are.
  if (name->digest()) refuse("has a digest");
  // Docker would read "latest" into it, others nothing.
  if (!name->tag() || name->tag_defaulted()) refuse("has no tag");
  return *name;
}

}  // namespace hallmark::store
