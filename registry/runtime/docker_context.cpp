// SPDX-License-Identifier: Apache-2.0
#include "registry/runtime/docker_context.h"

#include <optional>

#include "registry/config/docker_config.h"
#include "trust/digest.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// What the read finds in a file of docker's. Errors of its text name the file already.
template <class Read>
std::string found_in(const std::filesystem::path& file, const std::string& text, Read&& read) {
  const std::string shown = printable(file.string(), 4096);
  try {
    const json::Value document = json::parse(shown, view_of(text));
    return within(shown, [&] { return std::forward<Read>(read)(document.object()); });
  } catch (const Error& error) {
    // Fault::corrupt is for images. A broken file of docker's is its owner's to mend.
    throw Error(Fault::usage, error.what(), error.hint());
  }
}

}  // namespace

std::string chosen_context(const std::filesystem::path& docker_config) {
  const std::filesystem::path file = docker_config / "config.json";
  const std::optional<std::string> text = read_docker_config(file);
  if (!text) return "default";
  std::string name =
      found_in(file, *text, [](const json::Object& config) { return text_member(config, "currentContext"); });
  if (name.empty()) return "default";
  // Who could write it could have images go to an engine of theirs.
  require_own_config(file);
  return name;
}

std::string host_of_context(const std::filesystem::path& docker_config, const std::string& name) {
  // The name becomes no path: the folder has the name of its hash.
  const std::string id = Digest::of(view_of(name), Algorithm::sha256).hex();
  const std::filesystem::path file = docker_config / "contexts" / "meta" / id / "meta.json";
  const std::optional<std::string> text = read_docker_config(file);
  if (!text) {
    throw Error(
        Fault::usage,
        "docker has no context \"" + printable(name, 200) + "\": " + printable(file.string(), 4096) + " is not there",
        "docker context ls lists them; DOCKER_HOST=unix:///PATH names a socket without one");
  }
  require_own_config(file);
  return found_in(file, *text, [](const json::Object& context) {
    const json::Object* const endpoints = object_member(context, "Endpoints");
    const json::Object* const engine = endpoints == nullptr ? nullptr : object_member(*endpoints, "docker");
    if (engine == nullptr) fail(Fault::usage, "the context has no endpoint of docker");
    return text_member(*engine, "Host");
  });
}

}  // namespace hallmark::registry
