// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust rotate: other keys for root, targets, snapshot or timestamp.
#include <algorithm>
#include <array>
#include <ostream>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/trust/role_options.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/publishing/publisher.h"
#include "cmd/publishing/signing.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

// A threshold makes as many keys as it needs: a mistyped number must not fill the folder.
constexpr std::int64_t kMostKeys = 16;

/// What was asked for, and what was made of it.
struct Rotation {
  std::string role;
  std::vector<std::string> named;
  std::optional<std::int64_t> threshold;
  bool server_holds;
  tuf::RoleKeys keys{{}, 0};              ///< made once, however often somebody else signs meanwhile
  std::vector<std::string> former_ids{};  ///< canonical
};

std::string role_of(const std::string& text) {
  constexpr std::array<std::string_view, 4> kRoles{"root", "targets", "snapshot", "timestamp"};
  if (std::find(kRoles.begin(), kRoles.end(), text) != kRoles.end()) return text;
  throw Error(Fault::usage, "expected root, targets, snapshot or timestamp, found \"" + printable(text, 80) + "\"",
              text.starts_with("targets/") ? "keys of a delegation are added and removed one by one" : "");
}

Rotation rotation_of(const Arguments& arguments, const KeyStore& keys) {
  Rotation rotation{role_of(arguments.operands()[0]), key_ids(keys, arguments.values("key")),
                    number_of(arguments, "threshold", 1, kMostKeys), arguments.truth("server-managed", false)};
  const bool may_be_held = rotation.role == "snapshot" || rotation.role == "timestamp";
  // A server that could sign root or targets would decide what the images are.
  if (rotation.server_holds && !may_be_held)
    fail(Fault::usage, "no server holds the key of ", rotation.role, ": expected snapshot or timestamp");
  // They could not be obeyed: which keys the server has is not the publisher's to say.
  if (rotation.server_holds && (!rotation.named.empty() || rotation.threshold))
    fail(Fault::usage, "--server-managed: the server has one key of its own; leave --key and --threshold out");
  return rotation;
}

/// Fault::usage for what the other side cannot do. Timestamps of a server are its own.
void settle_holder(Rotation& rotation, const Publisher& publisher) {
  const bool asks = rotation.server_holds || rotation.role == "timestamp";
  if (!asks) return;
  const bool server_signs = publisher.server_signs();
  if (rotation.server_holds && !server_signs) {
    throw Error(Fault::usage, "--server-managed: a directory of trust data holds no keys",
                "leave it out: the key is then one of yours");
  }
  if (rotation.server_holds || !server_signs) return;
  if (!rotation.named.empty() || rotation.threshold)
    fail(Fault::usage, "a trust server signs timestamps with a key of its own; leave --key and --threshold out");
  // A trust server signs timestamps by itself, so it needs their key.
  rotation.server_holds = true;
}

/// Everything that can be refused is refused before a key is made.
void make_keys(Rotation& rotation, const tuf::NeededKeys& former, Publisher& publisher) {
  if (rotation.server_holds) {
    const tuf::ListedKey key = publisher.new_server_key(rotation.role);
    const std::vector<std::string>& ids = former.canonical_ids;
    // A rotation after a theft that leaves the stolen key in force must not be called a success.
    if (holds(ids, key.key.canonical_id)) {
      throw Error(Fault::refused,
                  publisher.repository()->gun() + ": the trust server gives the key for " + rotation.role +
                      " that it had before, so nothing was rotated",
                  "whoever runs the server must have it make another one");
    }
    rotation.keys = {{key}, 1};
    return;
  }
  // Not lower than it was by silence: fewer signatures than before are asked for by --threshold alone.
  rotation.keys.threshold = rotation.threshold.value_or(former.threshold);
  const auto least = static_cast<std::size_t>(rotation.keys.threshold);
  if (!rotation.named.empty() && rotation.named.size() < least) {
    fail(Fault::usage, rotation.role, " needs ", least, " keys to sign it, found ", rotation.named.size(),
         " with --key");
  }
  for (const std::string& id : rotation.named) rotation.keys.keys.push_back(publisher.stored_key(rotation.role, id));
  if (!rotation.named.empty()) return;
  // As many as before, so that whoever lost one of three keys has three again.
  const std::size_t count = std::max(former.canonical_ids.size(), least);
  while (rotation.keys.keys.size() < count) rotation.keys.keys.push_back(publisher.new_key(rotation.role));
}

/// What has ended is read as it was at its end. Then a root that was made later did not count yet, so nothing of
/// before may be left beside a new one. Of delegations readers pass over what has ended.
void renew_ended(tuf::Draft& draft, const tuf::Repository& now, const Publisher& publisher, Time time) {
  for (const auto& [role, state] : now.roles()) {
    const bool is_tags = role == "targets" || role.starts_with("targets/");
    if (!is_tags || state.expires >= time) continue;
    if (role == "targets" || publisher.has_keys(draft.signers(role))) draft.renew(role);
  }
}

Publisher::Change rotates(Rotation& rotation, Publisher& publisher, Time time) {
  return [&, time](tuf::Draft& draft, const tuf::Repository* now) {
    const tuf::NeededKeys former = draft.signers(rotation.role);
    // Filled again when somebody else has published meanwhile: his keys are the former ones then.
    rotation.former_ids = former.canonical_ids;
    // A rotation is a new root, so the root's keys are needed: asked for first, before a key is made.
    draft.renew("root");
    if (rotation.role == "root") renew_ended(draft, *now, publisher, time);
    publisher.require_keys(draft, rotation.role);
    // Not again in a second try: each would leave keys in the folder that sign nothing.
    if (rotation.keys.keys.empty()) make_keys(rotation, former, publisher);
    draft.rotate(rotation.role, rotation.keys);
  };
}

void print_rotated(const Rotation& rotation, const Reference& name, const Publisher& publisher, std::ostream& out) {
  out << "Successfully rotated " << rotation.role << " of " << name.familiar_repository() << ": "
      << rotation.keys.threshold << " of " << rotation.keys.keys.size()
      << (rotation.keys.keys.size() == 1 ? " key signs it\n" : " keys sign it\n");
  const std::vector<std::string> here = publisher.keys().ids();
  const auto& now = rotation.keys.keys;
  for (const tuf::ListedKey& key : now) {
    out << "  " << key.key.canonical_id << (rotation.server_holds ? " (held by the trust server)\n" : "\n");
  }
  for (const std::string& id : rotation.former_ids) {
    const bool stays = std::any_of(now.begin(), now.end(), [&](const auto& key) { return key.key.canonical_id == id; });
    // Whoever rotates after a theft should not think that the file has gone, too.
    if (!stays && holds(here, id))
      out << "The former key " << id.substr(0, kShortId) << " signs it no more; its file stays in "
          << printable(publisher.keys().folder().string(), 300) << "\n";
  }
}

/// Readers whose policy pins the former keys refuse from now on.
void tell_of_pins(const Rotation& rotation, const Publisher& publisher, std::ostream& err) {
  if (rotation.role != "root") return;
  const tuf::Repository& now = *publisher.repository();
  err << "Pins of its root keys change to " << pin_of(now) << "\n"
      << "Pins of an earlier root document go on; hallmark trust inspect --root " << now.gun() << " prints this one"
      << std::endl;
}

}  // namespace

Options trust_rotate_options() {
  Options options("trust rotate [OPTIONS] root|targets|snapshot|timestamp IMAGE",
                  "Give a role of a repository other keys: new ones, as many as it had, or those that are named",
                  "hallmark trust rotate targets registry.example/app");
  options.flag("json", "Print one JSON object: the roles as they are now")
      .value("key", "KEY_ID", "Key of the key folder, instead of a new one; may repeat")
      .value("threshold", "N", "So many of the keys must sign, instead of as many as before")
      .flag("server-managed,r", "Let the trust server hold the key of snapshot or timestamp")
      .flag("verbose,v", "Print requests")
      .operands(2, 2);
  return options;
}

int trust_rotate(const Arguments& arguments, Environment& environment) {
  const std::string role = role_of(arguments.operands()[0]);
  const Reference name = repository_name(arguments.operands()[1]);
  // Only who asks a server for a key needs the right to administer.
  const bool administers = arguments.truth("server-managed", false) || role == "timestamp";
  Publisher publisher(environment, registry_settings(arguments, environment), name,
                      trust_basis(arguments, environment, name),
                      administers ? registry::TrustAccess::administer : registry::TrustAccess::publish);
  // A lost key must not be out of reach because its last signature has expired, nor a root because its certificates
  // have: those of the new one are new, and readers take it by the former key.
  if (role == "root") {
    publisher.read_ended_certificates();
  } else {
    publisher.read_expired();
  }
  Rotation rotation = rotation_of(arguments, publisher.keys());
  settle_holder(rotation, publisher);
  publisher.prepare(rotates(rotation, publisher, environment.now), false);
  publisher.publish();
  if (arguments.truth("json", false)) {
    environment.out << published_json(name.repository(), std::nullopt, publisher, environment.now) << "\n";
  } else {
    print_rotated(rotation, name, publisher, environment.out);
  }
  tell_of_pins(rotation, publisher, environment.err);
  return 0;
}

}  // namespace hallmark::cmd
