// SPDX-License-Identifier: Apache-2.0
//
// What a policy may ask of an image, taken out of its manifest and its config.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "store/image/image.h"
#include "trust/subject.h"

namespace hallmark::store {

/// Whether a manifest is of something other than an image, by its config: signatures and SBOMs are listed beside
/// images.
bool is_artifact(const Document& manifest);

/// Without the config's part. Fault::corrupt as parse_manifest() has it.
ImageFacts facts_of_manifest(const Document& manifest);

/// `promised` is the platform that an index says: its variant counts where the config names none. A member in another
/// spelling, which engines would take for it, and members of a wrong type are Fault::corrupt.
ConfigFacts facts_of_config(ByteView config, const std::optional<Platform>& promised);

/// What the manifests say; configs are absent.
std::vector<ImageFacts> facts_of(const std::vector<Document>& manifests);

/// Adds what the configs say. `chosen` are the descriptors of the manifests; `read` gives the bytes of a config.
void add_configs(const std::vector<Document>& manifests, const std::vector<Descriptor>& chosen,
                 const std::function<Bytes(const Descriptor&)>& read, std::vector<ImageFacts>& facts);

}  // namespace hallmark::store
