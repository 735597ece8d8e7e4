// SPDX-License-Identifier: Apache-2.0
//
// The program as a plugin of docker's command line: installed as docker-hallmark, called as "docker hallmark pull ...".
#pragma once

#include <string>
#include <vector>

namespace hallmark::cmd {

/// The command line without the program, and without what docker adds when it starts the program as its plugin: it puts
/// the name of the plugin before the words that follow it. Docker's question what the plugin is becomes the command
/// "docker-cli-plugin-metadata". Fault::usage for docker's own options, which would be lost.
std::vector<std::string> words_of(std::vector<std::string> command_line);

/// What docker asks of a plugin before it takes it for one, as JSON.
std::string plugin_metadata();

}  // namespace hallmark::cmd
