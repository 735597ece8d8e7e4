// SPDX-License-Identifier: Apache-2.0
#include "registry/process/child_environment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "store/disk/owner.h"

namespace hallmark::registry {
namespace {

constexpr std::string_view kPath = "PATH=";

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t colon = path.find(':');
    parts.emplace_back(path.substr(0, colon));
    if (colon == std::string_view::npos) return parts;
    path.remove_prefix(colon + 1);
  }
}

/// Below /proc and /dev there are names of the current folder and of whatever is open, and links elsewhere and other
/// mounts may lead there.
bool is_absolute(std::string_view part) {
  const std::string plain = std::filesystem::path(part).lexically_normal().string() + "/";
  return part.starts_with('/') && !plain.starts_with("/proc/") && !plain.starts_with("/dev/") &&
         !store::leads_through_process(part);
}

/// By the rights that this process acts with, as the system looks at them when it starts the program.
bool can_be_run(const std::string& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::faccessat(AT_FDCWD, file.c_str(), X_OK, AT_EACCESS) == 0;
}

}  // namespace

std::vector<std::string> absolute_parts(std::string_view path) {
  std::vector<std::string> parts = parts_of(path);
  parts.erase(std::remove_if(parts.begin(), parts.end(), [](const std::string& part) { return !is_absolute(part); }),
              parts.end());
  return parts;
}

FoundProgram find_program(const std::string& name, std::string_view path) {
  FoundProgram found;
  if (name.empty() || name.find('/') != std::string::npos) return found;
  // Parts that do not count are looked into only to tell what was passed over.
  for (const std::string& part : parts_of(path)) {
    std::string file = (part.empty() ? "." : part) + "/" + name;
    std::string& place = is_absolute(part) ? found.file : found.passed_over;
    if (place.empty() && can_be_run(file)) place = std::move(file);
  }
  if (!found.file.empty()) found.passed_over.clear();
  return found;
}

bool opens_keys(std::string_view variable) {
  // By the form of the name: each role has its own variable, and a list of names would miss one.
  constexpr std::array<std::string_view, 3> kOwners{"DOCKER_CONTENT_TRUST_", "NOTARY_", "HALLMARK_"};
  const std::string_view name = variable.substr(0, variable.find('='));
  const bool is_owned =
      std::any_of(kOwners.begin(), kOwners.end(), [name](std::string_view owner) { return name.starts_with(owner); });
  return is_owned && name.find("PASSPHRASE") != std::string_view::npos;
}

bool is_for_us_alone(std::string_view variable) {
  return opens_keys(variable) || variable.starts_with("NOTARY_AUTH=") || variable.starts_with("DOCKER_AUTH_CONFIG=");
}

std::vector<std::string> child_environment(const std::vector<std::string>& environment) {
  std::vector<std::string> given;
  bool has_path = false;
  for (const std::string& variable : environment) {
    if (is_for_us_alone(variable)) continue;
    if (!variable.starts_with(kPath)) {
      given.push_back(variable);
      continue;
    }
    if (has_path) continue;  // a second one would count for some readers and not for others
    has_path = true;
    std::string path;
    for (const std::string& part : absolute_parts(std::string_view(variable).substr(kPath.size()))) {
      path += (path.empty() ? "" : ":") + part;
    }
    given.push_back(std::string(kPath) + path);
  }
  return given;
}

}  // namespace hallmark::registry
