// SPDX-License-Identifier: Apache-2.0
//
// A repository of images where the settings say it is: on the network, or in the folder that stands in for it.
#pragma once

#include <memory>

#include "registry/repository.h"
#include "registry/settings.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// Asks nothing of the network yet. Fault::refused for a registry that is blocked; Fault::usage for settings that
/// cannot be used, and for a folder to read from that is not there.
std::unique_ptr<Repository> open_repository(const Settings& settings, const Reference& name, Access access);

}  // namespace hallmark::registry
