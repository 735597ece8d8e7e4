// SPDX-License-Identifier: Apache-2.0
//
// What the commands that judge images work with, made of their flags and of the environment.
#pragma once

#include <string>

#include "cmd/admission/admission.h"
#include "cmd/admission/image_documents.h"
#include "cmd/cli/options.h"
#include "cmd/terminal/environment.h"
#include "registry/settings.h"

namespace hallmark::cmd {

/// Made once for a command, before any server is asked: a policy that cannot be used stops the command here.
struct Judging {
  Environment& environment;
  // Where registries are; the admission has the same in its gatherer, for trust servers.
  registry::Settings settings;
  Admission admission;
};

/// What a person demands beside the policy.
struct Demands {
  bool content_trust = false;           ///< whether its requirement is added
  std::string publisher_asked_by = {};  ///< who asks that a publisher vouches for it; empty: nobody
};

/// Of what comes from elsewhere, by flags and variables.
Demands demands_of(const Arguments& arguments, const Environment& environment);

/// Reads the policy. Warns when others could exchange the store.
Judging open_judging(const Arguments& arguments, Environment& environment, const Demands& demands);

/// --platform, --all-platforms, DOCKER_DEFAULT_PLATFORM, this machine.
/// Fault::usage when a flag names one platform and another asks for all.
PlatformChoice platform_choice(const Arguments& arguments, const Environment& environment);

}  // namespace hallmark::cmd
