// SPDX-License-Identifier: Apache-2.0
//
// TUF as a trust system of the policy.
#pragma once

#include <memory>

#include "trust/system/system.h"

namespace hallmark::tuf {

/// Named in policy/systems.cpp alone: everything else knows systems by that table.
extern const trust::System kSystem;

/// What DOCKER_CONTENT_TRUST demands: docker's roles, on first use trusted.
std::shared_ptr<const trust::Requirement> content_trust();

}  // namespace hallmark::tuf
