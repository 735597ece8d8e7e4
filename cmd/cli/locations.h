// SPDX-License-Identifier: Apache-2.0
//
// Where things lie and which switches are set: flags first, then variables, then defaults.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "cmd/cli/command.h"
#include "cmd/state/policy_in_force.h"
#include "registry/settings.h"

namespace hallmark::cmd {

/// XDG_CONFIG_HOME and its like; absent when unset, empty or relative, as their standard says.
std::optional<std::filesystem::path> base_directory(const Environment& environment, const std::string& name);

/// --store, $HALLMARK_STORE, /var/lib/hallmark for root, $XDG_DATA_HOME/hallmark, ~/.local/share/hallmark.
std::filesystem::path store_directory(const Arguments& arguments, const Environment& environment);

/// $DOCKER_CONFIG or ~/.docker; a place where nothing is for a user without a home.
std::filesystem::path docker_config(const Environment& environment);
/// $XDG_CONFIG_HOME, or ~/.config.
std::filesystem::path config_home(const Environment& environment);

/// --policy, $HALLMARK_POLICY, then the usual places; --insecure-policy-perms, of which a line warns.
PolicyChoice policy_choice(const Arguments& arguments, const Environment& environment);

/// DOCKER_CONTENT_TRUST as docker reads it, unless --disable-content-trust says otherwise.
bool content_trust(const Arguments& arguments, const Environment& environment);
/// Who asks that a publisher vouches for what comes in: --require-publisher or HALLMARK_REQUIRE_PUBLISHER, read as
/// content_trust() reads its two; empty when nobody does.
std::string who_requires_publisher(const Arguments& arguments, const Environment& environment);

/// Fault::usage when a folder stands in for every registry: whoever logs in or out means one on the network.
void require_network(const registry::Settings& settings, std::string_view command);

/// All that the network has to know, from flags, variables and the usual files of docker and containers. Warns of files
/// that others can write. Fault::usage for a place or a token server that cannot be read.
registry::Settings registry_settings(const Arguments& arguments, const Environment& environment);

}  // namespace hallmark::cmd
