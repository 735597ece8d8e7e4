// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/signing.h"

#include <algorithm>

#include "cmd/cli/locations.h"
#include "cmd/publishing/signing_roles.h"
#include "cmd/state/policy_in_force.h"
#include "policy/gate.h"
#include "registry/metadata/notary.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/tuf/policy/question.h"

namespace hallmark::cmd {

TrustBasis trust_basis(const Arguments& arguments, const Environment& environment, const Reference& repository) {
  TrustBasis basis{TrustedMetadataStore::beside(store_directory(arguments, environment), docker_config(environment)),
                   {}};
  const registry::Settings settings = registry_settings(arguments, environment);
  const policy::Plan plan =
      policy::Gate(policy_in_force(policy_choice(arguments, environment)), false).plan(repository);
  const std::string server = registry::trust_server_for(repository, settings.trust_server);
  for (const auto& question : plan.questions()) {
    const auto* asked = dynamic_cast<const tuf::PolicyQuestion*>(question.get());
    // Other trust systems pin nothing of these documents.
    if (asked == nullptr || asked->question().gun != repository.gun()) continue;
    const auto& asked_server = asked->collection()->server;
    const bool is_of_server = registry::trust_server_for(repository, asked_server.value_or(server)) == server;
    // A pin for another server still counts: otherwise a variable that names a server would go around it.
    if (is_of_server || !basis.anchor.is_pinned()) basis.anchor = asked->question().anchor;
    if (is_of_server) break;
  }
  return basis;
}

Publisher::Change signing_change(const Publisher& publisher, const std::string& tag, const store::Descriptor& root,
                                 const std::vector<std::string>& roles) {
  return [&publisher, tag, root, roles](tuf::Draft& draft, const tuf::Repository* now) {
    // docker's readers look for a sha256 alone (docs/notary-v1.md, 1).
    if (root.digest.algorithm() != Algorithm::sha256)
      fail(Fault::usage, "only images called by a sha256 can be signed");
    // In all of them: readers ask targets/releases first, and a stale entry there would hide this one.
    for (const std::string& role : signing_roles(publisher, draft, now, tag, roles)) {
      draft.set_target(role, tag, {root.size, {root.digest}, std::nullopt});
    }
  };
}

std::string pin_of(const tuf::Repository& repository) {
  json::Writer writer(0);
  writer.begin_object().member("gun", repository.gun()).key("rootKeyIds").begin_array();
  for (const std::string& id : repository.root_key_ids()) writer.string(id);
  return writer.end_array().end_object().text();
}

void tell_begun(const Publisher& publisher, const Environment& environment) {
  if (!publisher.has_begun()) return;
  const tuf::Repository& begun = *publisher.repository();
  // Nobody can replace root keys that are lost: the moment to copy them is now.
  environment.err << "Its root: " << begun.root_threshold() << " of " << begun.root_key_ids().size()
                  << " keys must sign. Make a copy of the keys: hallmark trust key backup FILE\n"
                  << "Policies pin it by " << pin_of(begun) << ",\n"
                  << "or across rotations by its document: hallmark trust inspect --root " << begun.gun()
                  << " > root.json" << std::endl;
}

void require_signed(const Publisher& publisher, const Reference& name, const Digest& digest) {
  const std::vector<tuf::Target> all = publisher.repository()->all();
  const bool is_there = std::any_of(all.begin(), all.end(), [&](const tuf::Target& target) {
    return target.name == *name.tag() && target.digest == digest;
  });
  if (is_there) return;
  throw Error(Fault::local, name.familiar() + ": the trust server took the signature, but does not show it",
              "somebody may have signed another image meanwhile; look with hallmark trust inspect");
}

}  // namespace hallmark::cmd
