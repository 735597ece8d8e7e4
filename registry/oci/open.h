// SPDX-License-Identifier: Apache-2.0
//
// A repository of images where the settings say it is: on the network, or in the folder that stands in for it.
#pragma once

#include <memory>

#include "registry/repository.h"
#include "registry/settings.h"
#include "trust/reference.h"

namespace hallmark::registry {

std::unique_ptr<Repository> open_repository(const Settings& settings, const Reference& name, Access access);

}  // namespace hallmark::registry
