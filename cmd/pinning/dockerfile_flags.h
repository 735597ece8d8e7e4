// SPDX-License-Identifier: Apache-2.0
//
// The flags of a Dockerfile instruction.
#pragma once

#include <vector>

#include "cmd/pinning/placed_text.h"

namespace hallmark::cmd {

/// Takes "--name=value" from the beginning of the text, quotes and escapes resolved. Fault::usage where builders may
/// see other flags.
std::vector<PlacedText> take_flags(PlacedText& text, char escape);

}  // namespace hallmark::cmd
