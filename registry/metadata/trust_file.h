// SPDX-License-Identifier: Apache-2.0
//
// Names of files of trust data. Role names come from signed data, and yet are no paths of ours.
#pragma once

#include <string>

namespace hallmark::registry {

/// Fault::corrupt for a name with an empty part, "." or "..", or a zero byte.
/// It becomes a path of a directory and a part of an address, and neither may lead out of its repository.
void check_trust_file(const std::string& file);

}  // namespace hallmark::registry
