// SPDX-License-Identifier: Apache-2.0
#include "cmd/plugin.h"

#include <algorithm>

#include "cmd/complete.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

constexpr std::string_view kPluginProgram = "docker-hallmark";
constexpr std::string_view kPluginName = "hallmark";

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::vector<std::string> words_of(std::vector<std::string> command_line) {
  const bool is_plugin = !command_line.empty() && file_name(command_line.front()) == kPluginProgram;
  if (!command_line.empty()) command_line.erase(command_line.begin());
  if (!is_plugin) return command_line;
  const auto name = std::find(command_line.begin(), command_line.end(), kPluginName);
  if (name == command_line.end()) return command_line;
  if (command_line.front().starts_with('-')) {
    throw Error(Fault::usage,
                "docker's own option " + printable(command_line.front(), 80) + " means nothing to hallmark",
                "leave it out; for another configuration folder set DOCKER_CONFIG");
  }
  // "docker hallmark pull", "docker help hallmark", and "__complete hallmark pull", by which shells ask.
  if (std::distance(command_line.begin(), name) >
      (command_line.front() == kCompleteCommand || command_line.front() == "help" ? 1 : 0))
    return command_line;
  command_line.erase(name);
  return command_line;
}

std::string plugin_metadata() {
  json::Writer writer(2);
  writer.begin_object()
      .member("SchemaVersion", "0.1.0")
      .member("Vendor", "hallmark")
      .member("Version", HALLMARK_VERSION)
      .member("ShortDescription", "Content trust for container images")
      .end_object();
  return writer.text();
}

}  // namespace hallmark::cmd
