// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_reading.h"

#include "trust/error.h"

namespace hallmark::store {

Reference parse_name(const std::string& text) {
  try {
    const Reference name = Reference::parse(text);
    return name.digest() ? name.at_digest(*name.digest()) : name;
  } catch (const Error& error) {
    refuse_archive("E_REF_INVALID", "an image is called ", printable(text, 300), ", which is no name: ", error.what());
  }
}

void require_own_digest(const Reference& name, const Digest& image) {
  if (!name.digest() || *name.digest() == image) return;
  refuse_archive("E_REF_INVALID", "an image is called ", name.familiar(), " and is ", image.to_string());
}

}  // namespace hallmark::store
