// SPDX-License-Identifier: Apache-2.0
//
// The one table of trust systems: whoever adds one adds its folder and a line here.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "trust/crypto/key.h"
#include "trust/system/system.h"

namespace hallmark::policy {

/// Constants, in the order in which their readers are tried and their parts of the schema are put together.
[[nodiscard]] std::span<const trust::System* const> systems();

/// What DOCKER_CONTENT_TRUST demands.
[[nodiscard]] std::shared_ptr<const trust::Requirement> content_trust_requirement();

/// What people call a bare key by, whatever signs with it.
[[nodiscard]] std::string key_id(const crypto::PublicKey& key);

}  // namespace hallmark::policy
