// SPDX-License-Identifier: Apache-2.0
//
// Every command by its name, and by the name that it has in docker's groups.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "cmd/cli/command.h"

namespace hallmark::cmd {

/// In the order in which the help lists them, each once.
std::span<const Command> commands();

/// How many words before the command are options and their values: "--store DIR" are two.
std::size_t count_of_leading(const std::vector<std::string>& words);

/// "pull", "image pull", "trust key ls"; nullptr when nothing is called so.
const Command* find_command(std::string_view name);

/// A name under which a command is found, its own or one of docker's groups.
struct NamedCommand {
  std::string_view name;
  const Command* command;
};

/// All names, sorted; commands that docker's groups have, too, come under both.
std::vector<NamedCommand> named_commands();

}  // namespace hallmark::cmd
