// SPDX-License-Identifier: Apache-2.0
//
// A question before something that cannot be undone.
#pragma once

#include <string>

#include "cmd/terminal/environment.h"

namespace hallmark::cmd {

/// Asks on standard error and reads a line of standard input. Only a yes is one: no answer at all is a no.
bool agreed(const Surroundings& surroundings, const std::string& question);

}  // namespace hallmark::cmd
