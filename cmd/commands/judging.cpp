// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/judging.h"

#include "cmd/cli/locations.h"
#include "registry/metadata/open_trust.h"
#include "store/disk/owner.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

// From flags, environment and screen to values: admission and gatherer know none of these. Warnings go line by line,
// for they come from any thread while a progress display may own the screen.
Terms terms_of(const Arguments& arguments, Environment& environment, std::filesystem::path store,
               const Demands& demands) {
  return {std::move(store),
          policy_choice(arguments, environment),
          demands.content_trust,
          arguments.truth("accept-policy-rollback", false),
          arguments.value("break-glass"),
          environment.clock,
          [&console = environment.console](const std::string& line) { console.print(line); },
          environment.interrupted,
          demands.publisher_asked_by};
}

// Whoever judges only reads: a token that can do more is not asked for.
std::unique_ptr<registry::TrustServer> open_to_read(const registry::Settings& settings, const Reference& name,
                                                    const std::string& gun, const std::string& address,
                                                    const std::optional<std::string>& authority_file) {
  return registry::open_trust_server(settings, name, gun, address, authority_file, registry::TrustAccess::read);
}

}  // namespace

Demands demands_of(const Arguments& arguments, const Environment& environment) {
  return {content_trust(arguments, environment), who_requires_publisher(arguments, environment)};
}

Judging open_judging(const Arguments& arguments, Environment& environment, const Demands& demands) {
  const std::filesystem::path store = store_directory(arguments, environment);
  // The way above the store is told. The store itself is refused where others can write it, by whoever reads its names
  // and its memory (hallmark(1), FILES).
  if (const std::string trouble = store::trouble_at(std::filesystem::absolute(store).parent_path()); !trouble.empty()) {
    environment.console.print("warning: " + trouble + ": who can, can exchange the store and all that it remembers");
  }
  registry::Settings settings = registry_settings(arguments, environment);
  EvidenceGatherer gatherer(settings, TrustedMetadataStore::beside(store, settings.docker_config), environment.clock,
                            &open_to_read);
  return {environment, std::move(settings),
          Admission(terms_of(arguments, environment, store, demands), std::move(gatherer))};
}

PlatformChoice platform_choice(const Arguments& arguments, const Environment& environment) {
  PlatformChoice choice{arguments.truth("all-platforms", false), false, store::Platform::here()};
  // The variable stands behind both flags: --all-platforms is not undone by it.
  auto named = arguments.value("platform");
  if (named && choice.all) fail(Fault::usage, "--platform and --all-platforms exclude each other");
  if (!named) named = environment.variable("DOCKER_DEFAULT_PLATFORM");
  if (named && !choice.all) {
    // From now on an image for another platform is an error. Without a name an image without an index is taken as it
    // is.
    choice.is_explicit = true;
    choice.wanted = store::Platform::parse(*named);
  }
  return choice;
}

}  // namespace hallmark::cmd
