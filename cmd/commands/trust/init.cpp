// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust init: a signed repository with nothing signed in it yet, for whoever wants to choose its root keys.
#include <algorithm>
#include <ostream>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/trust/role_options.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/publishing/publisher.h"
#include "cmd/publishing/signing.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

// Each is a file for somebody to keep.
constexpr std::int64_t kMostRootKeys = 16;

/// Before any key is made.
RootChoice chosen_root(const Arguments& arguments, const KeyStore& keys) {
  RootChoice root;
  root.ids = key_ids(keys, arguments.values("root-key"));
  root.new_keys = static_cast<std::size_t>(number_of(arguments, "new-root-keys", 1, kMostRootKeys).value_or(0));
  root.threshold = number_of(arguments, "root-threshold", 1, kMostRootKeys).value_or(1);
  // With neither option there is one: the first root key of the folder, or a new one.
  const std::size_t count = std::max<std::size_t>(root.ids.size() + root.new_keys, 1);
  // A root that its keys cannot sign again would be lost at its first change.
  if (root.threshold <= static_cast<std::int64_t>(count)) return root;
  throw Error(Fault::usage,
              "a root threshold of " + std::to_string(root.threshold) + " needs as many root keys, found " +
                  std::to_string(count),
              "name more with --root-key, or have them made with --new-root-keys");
}

}  // namespace

Options trust_init_options() {
  Options options("trust init [OPTIONS] IMAGE", "Begin a signed repository with nothing signed in it",
                  "hallmark trust init --new-root-keys 3 --root-threshold 2 registry.example/app");
  options.flag("json", "Print one JSON object: the roles as they are now")
      .value("root-key", "KEY_ID", "Root key of the key folder; may repeat (default: the first, or a new one)")
      .value("new-root-keys", "N", "Make so many root keys")
      .value("root-threshold", "N", "So many of the root keys must sign (default 1)")
      .flag("verbose,v", "Print requests")
      .operands(1, 1);
  return options;
}

int trust_init(const Arguments& arguments, Environment& environment) {
  const Reference name = repository_name(arguments.operands().front());
  const registry::Settings settings = registry_settings(arguments, environment);
  Publisher publisher(environment, settings, name, trust_basis(arguments, environment, name));
  RootChoice root = chosen_root(arguments, publisher.keys());
  environment.err << "Initializing signed repository for " << name.familiar_repository() << "..." << std::endl;
  // A repository that is there already is found before a key is made for it.
  publisher.prepare_first(std::move(root));
  publisher.publish();
  if (arguments.truth("json", false)) {
    environment.out << published_json(name.repository(), std::nullopt, publisher, environment.now) << "\n";
  } else {
    environment.out << "Successfully initialized \"" << name.familiar_repository() << "\"\n";
  }
  tell_begun(publisher, environment);
  return 0;
}

}  // namespace hallmark::cmd
