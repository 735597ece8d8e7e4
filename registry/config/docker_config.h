// SPDX-License-Identifier: Apache-2.0
//
// docker's config.json: where credentials are filed in it, and changing it without harm to what else it says.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/json.h"

namespace hallmark::registry {

/// How long a helper may take.
constexpr std::chrono::seconds kHelperLimit{30};

/// Names under which the credentials of a domain may be filed, the usual one first.
std::vector<std::string> keys_for(const std::string& domain);

/// The text of the file; nothing when there is none, or nothing but white space in it: docker takes that for no
/// configuration, and build machines have such files. Fault::local when it cannot be read, Fault::usage when too large.
std::optional<std::string> read_docker_config(const std::filesystem::path& file);

/// Fault::usage when others than root and this user could change it: for what it says about programs to run, secrets,
/// headers and places.
void require_own_config(const std::filesystem::path& file);

/// A member that is an object; nullptr when it is absent or null.
const json::Object* object_member(const json::Object& object, std::string_view name);
/// A member that is a text; empty when it is absent or null.
std::string text_member(const json::Object& object, std::string_view name);

/// The helper for the domain, if one is configured. An empty name for the domain means none, whatever "credsStore"
/// says.
std::string helper_for(const json::Object& config, const std::vector<std::string>& keys);

/// The object with the member set, or without it when there is no value.
json::Object with_member(const json::Object& object, const std::string& name, std::optional<json::Value> value);

/// Old or new, never between; for this user only (0600) whatever it was; where a link leads, there. The folder, and
/// those above it, are made when there are none (0700).
void write_docker_config(const std::filesystem::path& file, const json::Object& config);

}  // namespace hallmark::registry
