// SPDX-License-Identifier: Apache-2.0
//
// Files of an OCI image layout: image-spec, "Image Layout".
#pragma once

#include <string_view>

namespace hallmark::store {

inline constexpr std::string_view kIndexFile = "index.json";
inline constexpr std::string_view kLayoutFile = "oci-layout";

}  // namespace hallmark::store
