// SPDX-License-Identifier: Apache-2.0
//
// Digests in somebody's file, and what changes there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/pinning/image_use.h"
#include "trust/digest.h"
#include "trust/reference.h"

namespace hallmark::cmd {

/// An image of the file, and the digest that was admitted for it.
struct Pin {
  const ImageUse* use;  ///< outlives this
  Reference name;       ///< as the file says it
  Digest digest;
};

/// Whether the file says this digest already.
bool is_pinned(const Pin& pin);

/// The text with all digests in their places, those of others exchanged. Fault::usage when two images end in one place
/// and are two, and when a digest that has to be exchanged does not stand there.
std::string with_pins(const std::string& text, const std::vector<Pin>& pins);

/// Fault::local unless the new text, read again, means the same images, each with its digest.
void require_same_images(const std::vector<ImageUse>& after, const std::vector<Pin>& pins);

/// What `diff -u` prints of two texts with as many lines as each other; empty when they are the same.
std::string unified_diff(const std::string& name, std::string_view before, std::string_view after);

}  // namespace hallmark::cmd
