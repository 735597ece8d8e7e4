// SPDX-License-Identifier: Apache-2.0
//
// --change of import: Dockerfile instructions that say how a container starts, applied as docker applies them.
#pragma once

#include <string>

#include "store/staging/make_image.h"

namespace hallmark::cmd {

/// "CMD ["/bin/sh"]", "ENV A=1 B=2", ... Fault::usage names the instruction and what is wrong with it.
void apply_change(const std::string& instruction, store::ImageSettings& settings);

}  // namespace hallmark::cmd
