// SPDX-License-Identifier: Apache-2.0
//
// A word that nobody else is to see: read from the terminal without an echo, or from standard input as a whole.
#pragma once

#include <string>

namespace hallmark::cmd {

/// Asks on the terminal. Fault::usage when there is none; the echo comes back whatever happens.
std::string ask_secret(const std::string& prompt);
/// The same, seen while it is typed.
std::string ask_line(const std::string& prompt);

/// All of standard input without the line break at its end. Fault::usage when it is empty or too long.
std::string read_secret();

}  // namespace hallmark::cmd
