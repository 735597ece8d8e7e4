// SPDX-License-Identifier: Apache-2.0
//
// Signing a tag, as push and trust sign do it.
#pragma once

#include "cmd/publisher.h"
#include "store/image.h"

namespace hallmark::cmd {

/// The memory of content trust beside the store.
TrustMemory trust_memory(const Arguments& arguments, const Surroundings& surroundings);

/// The tag is these bytes, in every role in which docker would say so. Only a sha256, as docker writes it.
Publisher::Change signs(const Publisher& publisher, const std::string& tag, const store::Descriptor& root);

/// After a publication: Fault::local when the verified trust data do not say so.
void require_signed(const Publisher& publisher, const Reference& name, const Digest& digest);

}  // namespace hallmark::cmd
