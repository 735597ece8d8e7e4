// SPDX-License-Identifier: Apache-2.0
//
// The program as a plugin of docker's command line: installed as docker-hallmark, called as "docker hallmark pull ...".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hallmark::cmd {

/// What is left for this program.
struct CommandLine {
  std::vector<std::string> words;
  std::optional<std::string> docker_config = {};  ///< docker's own --config, in the place of DOCKER_CONFIG
};

/// The command line without the program and without docker's own options at its front, which people type in docker's
/// place as well: --config is obeyed, what only says how much docker tells is nothing to us; Fault::usage for those
/// that name an engine, which would be lost. Where docker started the program as its plugin, the name of the plugin is
/// taken out, too. Docker's question what the plugin is becomes the command "docker-cli-plugin-metadata".
CommandLine command_line_of(std::vector<std::string> arguments);

/// What docker asks of a plugin before it takes it for one, as JSON.
std::string plugin_metadata();

}  // namespace hallmark::cmd
