// SPDX-License-Identifier: Apache-2.0
//
// The program as a plugin of docker's command line: installed as docker-hallmark, called as "docker hallmark pull ...".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hallmark::cmd {

struct CommandLine {
  std::vector<std::string> words;
  std::optional<std::string> docker_config = {};  ///< docker's own --config, in the place of DOCKER_CONFIG
};

/// The command line without the program, and without what docker adds when it starts the program as its plugin: its own
/// options and the name of the plugin, before the words that follow it. Docker's question what the plugin is becomes
/// the command "docker-cli-plugin-metadata". Of docker's options --config is obeyed, and what only says how much docker
/// tells is nothing to us; Fault::usage for those that name an engine, which would be lost.
CommandLine command_line_of(std::vector<std::string> arguments);

/// What docker asks of a plugin before it takes it for one, as JSON.
std::string plugin_metadata();

}  // namespace hallmark::cmd
