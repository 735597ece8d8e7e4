// SPDX-License-Identifier: Apache-2.0
//
// What a registry says about how often it may still be asked ("RateLimit-Limit: 100;w=21600", Docker Hub).
#pragma once

#include <optional>
#include <string>

#include "registry/http/headers.h"

namespace hallmark::registry {

/// One line for people when there are few pulls left, five or a tenth; nothing when there are enough, or when the
/// registry does not say.
std::optional<std::string> few_pulls_left(const Headers& headers);

}  // namespace hallmark::registry
