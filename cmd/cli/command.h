// SPDX-License-Identifier: Apache-2.0
//
// What a command is.
#pragma once

#include <string_view>

#include "cmd/cli/options.h"
#include "cmd/terminal/environment.h"

namespace hallmark::cmd {

/// One line of the table of commands; cmd/commands/ has a file for each.
struct Command {
  std::string_view name;  ///< "pull", "trust inspect"
  std::string_view summary;
  Options (*options)();
  int (*run)(const Arguments& arguments, Environment& environment);  ///< exit status
};

/// The word by which scripts ask what a command line can be completed with; no help lists it.
constexpr std::string_view kCompleteCommand = "__complete";

}  // namespace hallmark::cmd
