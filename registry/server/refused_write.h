// SPDX-License-Identifier: Apache-2.0
//
// Why a registry took nothing, in words that help.
#pragma once

#include "registry/server/session.h"

namespace hallmark::registry {

/// Throws the error for a response that is no success to something that was sent: read-only, no room, too large;
/// anything else as Session::refuse does.
[[noreturn]] void refuse_write(Session& session, const ApiResponse& response);

}  // namespace hallmark::registry
