// SPDX-License-Identifier: Apache-2.0
//
// The one table of trust systems: whoever adds one adds its folder and a line here.
#pragma once

#include <memory>
#include <span>

#include "trust/system/system.h"

namespace hallmark::policy {

/// Constants, in the order in which their readers are tried and their parts of the schema are put together.
[[nodiscard]] std::span<const trust::System* const> systems();

/// What DOCKER_CONTENT_TRUST demands.
[[nodiscard]] std::shared_ptr<const trust::Requirement> content_trust_requirement();

}  // namespace hallmark::policy
