// SPDX-License-Identifier: Apache-2.0
//
// docker's contexts, as far as they say where the engine is (docker CLI, cli/context/store: contexts/meta/ID/meta.json,
// ID being the SHA-256 of the name).
#pragma once

#include <filesystem>
#include <string>

namespace hallmark::registry {

/// The context that config.json in this folder has chosen; "default" when it names none. Fault::usage when the file is
/// no JSON of this shape.
std::string chosen_context(const std::filesystem::path& docker_config);

/// The address of the engine of a context other than "default", as it was written: "unix:///run/x.sock"; empty: where
/// docker is by default. Fault::usage when there is no such context, it names no engine, or its file is no JSON of this
/// shape.
std::string host_of_context(const std::filesystem::path& docker_config, const std::string& name);

}  // namespace hallmark::registry
