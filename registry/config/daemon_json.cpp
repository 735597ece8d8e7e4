// SPDX-License-Identifier: Apache-2.0
#include "registry/config/daemon_json.h"

#include <fstream>
#include <optional>

#include "registry/config/docker_config.h"
#include "trust/error.h"

namespace hallmark::registry {

std::vector<std::string> daemon_list(const std::filesystem::path& file, std::string_view name) {
  std::vector<std::string> entries;
  // The daemon's file may be root's alone. It only adds mirrors and marks of insecure hosts: what may not be read adds
  // none.
  if (!std::ifstream(file)) return entries;
  const std::optional<std::string> text = read_docker_config(file);
  if (!text) return entries;
  try {
    const json::Value config = json::parse(file.string(), view_of(*text));
    const json::Value* const list = config.object().find(name);
    if (list == nullptr || list->is_null()) return entries;
    for (const json::Value& entry : list->array()) entries.push_back(entry.string());
    // A file that says nothing of it decides nothing, whoever could write it.
    if (!entries.empty()) require_own_config(file);
  } catch (const Error& error) {
    throw Error(Fault::usage, file.string() + " cannot be used: " + error.what(), error.hint());
  }
  return entries;
}

}  // namespace hallmark::registry
