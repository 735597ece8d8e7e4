// SPDX-License-Identifier: Apache-2.0
//
// What a shell may complete a command line with. Answers from this machine alone, and never with an error.
#pragma once

#include <string>
#include <vector>

#include "cmd/cli/command.h"

namespace hallmark::cmd {

/// `words` is what stands behind the program, the last one, which may be empty, being completed. Prints a line for each
/// value that begins so, "value" or "value<TAB>what it is", and at last ":4", or ":0" when names of files may stand
/// there, too.
/// A shell runs this while a person types: it asks no server, and the number of names it offers has a limit.
void complete(const std::vector<std::string>& words, Environment& environment);

}  // namespace hallmark::cmd
