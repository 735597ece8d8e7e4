// SPDX-License-Identifier: Apache-2.0
//
// What is asked of the person at the terminal: a word that nobody else is to see, read without an echo or from standard
// input as a whole; and a yes before something that cannot be undone.
#pragma once

#include <string>

#include "cmd/terminal/environment.h"

namespace hallmark::cmd {

/// Asks on the terminal. Fault::usage when there is none; the echo comes back whatever happens.
std::string ask_secret(const std::string& prompt);
/// The same, seen while it is typed.
std::string ask_line(const std::string& prompt);

/// All of standard input without the line break at its end. Fault::usage when it is empty or too long.
std::string read_secret();

/// Asks on standard error and reads a line of standard input. Only a yes is one: no answer at all is a no.
bool confirm(const Environment& environment, const std::string& question);

}  // namespace hallmark::cmd
