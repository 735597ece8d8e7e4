// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust delegation add, hallmark trust delegation remove: keys, paths and thresholds of single roles, where
// trust signer is too coarse.
#include <algorithm>
#include <ostream>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/trust/role_options.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/publishing/signer.h"
#include "cmd/publishing/signing.h"
#include "cmd/terminal/prompt.h"
#include "trust/error.h"
#include "trust/text.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

using Words = std::vector<std::string>;

// A mistyped threshold is found here, and not when a role can be signed by nobody.
constexpr std::int64_t kMostSigners = 1000;

/// The delegation that is asked for, and what it is now.
struct Place {
  std::string role;
  std::string asked;  ///< the repository, as typed

  [[nodiscard]] const tuf::DelegatedRole* find(const tuf::Repository& now) const {
    const auto found = now.delegations().find(role);
    return found == now.delegations().end() ? nullptr : &found->second;
  }
};

Place place_of(const Arguments& arguments) { return {arguments.operands()[0], arguments.operands()[1]}; }

Publisher publisher_for(const Place& place, const Arguments& arguments, const Environment& environment) {
  const Reference name = repository_name(place.asked);
  return {environment, registry_settings(arguments, environment), name, trust_basis(arguments, environment, name)};
}

/// A path that the role above may not name would never count.
void require_within_parent(const Place& place, const tuf::Repository& now, const Words& paths) {
  // targets is no delegation and has no paths: directly below it every path is allowed.
  const std::string parent = place.role.substr(0, place.role.rfind('/'));
  const auto found = now.delegations().find(parent);
  if (found == now.delegations().end()) return;
  for (const std::string& path : paths) {
    const Words& above = found->second.paths;
    const bool is_within = std::any_of(above.begin(), above.end(), [&](const std::string& prefix) {
      return tuf::notary().stays_within(prefix, path);
    });
    if (is_within) continue;
    throw Error(Fault::usage,
                place.role + ": the path \"" + printable(path, 80) + "\" is outside of what " + parent + " may sign",
                "hallmark trust delegation ls shows its paths");
  }
}

void require_complete(const Place& place, const tuf::DelegationChange& change) {
  // A role without a key can be signed by nobody, and one without a path may sign nothing (docs/notary-v1.md, 1.3).
  if (!change.added_keys.empty() && !change.added_paths.empty()) return;
  throw Error(Fault::usage,
              printable(place.role, 80) + " is no delegation of " + place.asked + " yet: a new one needs " +
                  (change.added_keys.empty() ? "a key" : "a path"),
              change.added_keys.empty() ? "name its public key with --key" : "name it with --path, or say --all-paths");
}

/// A change of a threshold that is in force: asked about once, for the change is applied again when somebody else
/// publishes first.
class ThresholdChange {
 public:
  ThresholdChange(bool is_forced, const Publisher& publisher, const Environment& environment)
      : is_confirmed_(is_forced), publisher_(publisher), environment_(environment) {}

  /// After the draft has it.
  void require(const Place& place, const tuf::Repository& now, const tuf::Draft& draft) {
    require_keys(place, draft.signers(place.role));
    const auto live = now.roles().find(place.role);
    // What nobody reads cannot be lost: a threshold that is lowered to mend a role needs no question.
    if (live == now.roles().end() || live->second.threshold == draft.signers(place.role).threshold) return;
    if (!is_confirmed_) {
      is_confirmed_ = confirm(environment_,
                              place.role + " of " + place.asked + " is signed and read with a threshold of " +
                                  std::to_string(live->second.threshold) + ". Are you sure you want to change it to " +
                                  std::to_string(draft.signers(place.role).threshold) + "?");
    }
    if (is_confirmed_) return;
    throw Error(Fault::local, "aborted: the threshold of " + place.role + " of " + place.asked + " stays",
                "--force answers the question");
  }

 private:
  /// No signature waits for another: a role that one machine cannot sign alone can be signed by nobody.
  void require_keys(const Place& place, const tuf::NeededKeys& needed) const {
    if (needed.threshold == 1 || publisher_.has_keys(needed)) return;
    const auto is_here = [&](const std::string& id) { return publisher_.has_key_of({id}); };
    throw Error(
        Fault::usage,
        place.role + " of " + place.asked + ": a threshold of " + std::to_string(needed.threshold) +
            " needs as many of its keys in " + printable(publisher_.keys().folder().string(), 300) + ", found " +
            std::to_string(std::count_if(needed.canonical_ids.begin(), needed.canonical_ids.end(), is_here)),
        "signatures of several machines cannot be collected: let each signer sign in a role of his own "
        "(hallmark trust signer add), and a policy ask for several of them (its requirement threshold, \"distinct\": "
        "\"requirement\")");
  }

  bool is_confirmed_;
  const Publisher& publisher_;
  const Environment& environment_;
};

/// One of the role's keys by the beginning of its id.
std::string key_called(const Place& place, const Words& ids, const std::string& prefix) {
  Words found;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(found),
               [&](const std::string& id) { return !prefix.empty() && id.starts_with(prefix); });
  // Several would be a guess about who loses his right to sign.
  if (found.size() == 1) return found.front();
  throw Error(found.empty() ? Fault::missing : Fault::usage,
              place.role + " of " + place.asked + " has " + (found.empty() ? "no key" : "several keys") + " called \"" +
                  printable(prefix, 80) + "\"",
              "hallmark trust delegation ls lists them");
}

/// Whether something is left when everything of `removed` is gone.
bool leaves_some(const Words& all, const Words& removed) {
  return std::any_of(all.begin(), all.end(), [&](const std::string& each) { return !holds(removed, each); });
}

/// What is to go of a delegation: parts, or all of it.
struct Removal {
  tuf::DelegationChange change;
  bool is_whole = true;
};

Removal removal_of(const Place& place, const tuf::Repository& now, const Arguments& arguments) {
  const tuf::DelegatedRole* listed = place.find(now);
  if (listed == nullptr) {
    throw Error(Fault::missing, printable(place.role, 80) + " is no delegation of " + place.asked,
                "hallmark trust delegation ls lists them");
  }
  Removal removal;
  // Without parts it is the whole delegation.
  if (!arguments.has("key") && !arguments.has("path")) return removal;
  for (const std::string& prefix : arguments.values("key")) {
    removal.change.removed_keys.push_back(key_called(place, listed->key_ids, prefix));
  }
  // Nobody could sign a role without keys: it goes with its last one.
  removal.is_whole = !leaves_some(listed->key_ids, removal.change.removed_keys);
  for (const std::string& path : arguments.values("path")) {
    removal.change.removed_paths.push_back(path);
    if (holds(listed->paths, path)) continue;
    throw Error(Fault::missing, place.role + " of " + place.asked + " has no path \"" + printable(path, 80) + "\"",
                "hallmark trust delegation ls lists them");
  }
  // What goes as a whole needs no path.
  if (removal.is_whole || !arguments.has("path") || leaves_some(listed->paths, removal.change.removed_paths))
    return removal;
  throw Error(Fault::usage, place.role + " of " + place.asked + " would have no path left, and could sign nothing",
              "without --path and --key the whole delegation is removed");
}

/// After the publication: what was read back has the keys that were added, and none that was removed.
void require_shown(const Place& place, const tuf::Repository& now, const Removal& removal) {
  const tuf::DelegatedRole* listed = place.find(now);
  const auto is_listed = [&](const std::string& id) { return listed != nullptr && holds(listed->key_ids, id); };
  const tuf::DelegationChange& change = removal.change;
  // A key that is still listed after its removal still counts: the one thing that must not go unnoticed.
  const bool is_shown = removal.is_whole
                            ? listed == nullptr
                            : std::none_of(change.removed_keys.begin(), change.removed_keys.end(), is_listed) &&
                                  std::all_of(change.added_keys.begin(), change.added_keys.end(),
                                              [&](const auto& key) { return is_listed(key.key.canonical_id); });
  if (is_shown) return;
  throw Error(Fault::local,
              place.asked + ": the trust server took the change of " + place.role + ", but does not show it",
              "somebody may have changed it meanwhile; look with hallmark trust delegation ls");
}

// Not an error: the change is what was asked for, and others may sign later.
void warn_of(const std::vector<tuf::NeededKeys>& unsigned_roles, const Environment& environment) {
  for (const tuf::NeededKeys& needed : unsigned_roles) {
    environment.console.print("warning: what " + needed.role + " signed counts no more until " +
                              std::to_string(needed.threshold) + " of its keys sign it again");
  }
}

/// words: "added delegation targets/night to".
void print_done(const std::string& words, const Place& place, const Publisher& publisher, const Arguments& arguments,
                const Environment& environment) {
  if (arguments.truth("json", false)) {
    const std::string name = repository_name(place.asked).repository();
    environment.out << published_json(name, std::nullopt, publisher, environment.now) << "\n";
  } else {
    environment.out << "Successfully " << words << " " << place.asked << "\n";
  }
}

}  // namespace

Options trust_delegation_add_options() {
  Options options("trust delegation add [OPTIONS] ROLE IMAGE",
                  "Make a delegation, or give keys, paths or another threshold to one",
                  "hallmark trust delegation add --key night.pub --path nightly- targets/night registry.example/app");
  options.value("key", "FILE", "A public key or certificate, PEM; may repeat")
      .value("path", "PREFIX", "The beginning of tags that it may sign; may repeat")
      .flag("all-paths", "It may sign every tag")
      .flag("force,f", "Do not ask whether to change the threshold of a role that is signed")
      .flag("json", "Print one JSON object: the roles as they are now")
      .value("threshold", "N", "How many of its keys, which are all here, must sign (a new one: 1)")
      .flag("verbose,v", "Print requests")
      .operands(2, 2);
  return options;
}

int trust_delegation_add(const Arguments& arguments, Environment& environment) {
  const Place place = place_of(arguments);
  tuf::DelegationChange change;
  change.added_keys = read_signer_keys(arguments.values("key"), environment.now);
  change.added_paths = arguments.values("path");
  // An empty prefix is one of all tags: a variable that is not set must not give them away.
  if (holds(change.added_paths, "")) {
    throw Error(Fault::usage, "--path needs a value, found none", "--all-paths gives the role all tags");
  }
  // The empty path is a prefix of every tag.
  if (arguments.truth("all-paths", false)) change.added_paths.emplace_back();
  change.threshold = number_of(arguments, "threshold", 1, kMostSigners);
  if (change.added_keys.empty() && change.added_paths.empty() && !change.threshold) {
    fail(Fault::usage, "nothing to add: expected --key, --path, --all-paths or --threshold");
  }
  Publisher publisher = publisher_for(place, arguments, environment);
  ThresholdChange threshold(arguments.truth("force", false), publisher, environment);
  bool is_new = false;
  std::vector<tuf::NeededKeys> undersigned;
  publisher.prepare(
      [&](tuf::Draft& draft, const tuf::Repository* now) {
        is_new = place.find(*now) == nullptr;
        // In the change, which is applied again when somebody else publishes first: he may have made the role, or
        // removed it.
        if (is_new) require_complete(place, change);
        require_within_parent(place, *now, change.added_paths);
        draft.change_delegation(place.role, change);
        if (change.threshold) threshold.require(place, *now, draft);
        // Without this a removed key or a higher threshold would take with it what others signed rightly.
        undersigned = publisher.renew_undersigned(draft);
      },
      false);
  publisher.publish();
  require_shown(place, *publisher.repository(), {change, false});
  warn_of(undersigned, environment);
  print_done(is_new ? "added delegation " + place.role + " to" : "changed delegation " + place.role + " of", place,
             publisher, arguments, environment);
  return 0;
}

Options trust_delegation_remove_options() {
  Options options("trust delegation remove [OPTIONS] ROLE IMAGE",
                  "Remove keys and paths of a delegation, or all of it with what is below it",
                  "hallmark trust delegation remove --key 1a2b3c4 targets/night registry.example/app");
  options.flag("json", "Print one JSON object: the roles as they are now")
      .value("key", "ID", "The id of a key, or its beginning; may repeat")
      .value("path", "PREFIX", "A path as the list shows it; may repeat")
      .flag("verbose,v", "Print requests")
      .operands(2, 2);
  return options;
}

int trust_delegation_remove(const Arguments& arguments, Environment& environment) {
  const Place place = place_of(arguments);
  Publisher publisher = publisher_for(place, arguments, environment);
  Removal removal;
  std::vector<tuf::NeededKeys> undersigned;
  publisher.prepare(
      [&](tuf::Draft& draft, const tuf::Repository* now) {
        removal = removal_of(place, *now, arguments);
        if (removal.is_whole) {
          draft.remove_delegation(place.role);
        } else {
          draft.change_delegation(place.role, removal.change);
        }
        undersigned = publisher.renew_undersigned(draft);
      },
      false);
  publisher.publish();
  require_shown(place, *publisher.repository(), removal);
  warn_of(undersigned, environment);
  print_done(
      removal.is_whole ? "removed delegation " + place.role + " from" : "changed delegation " + place.role + " of",
      place, publisher, arguments, environment);
  return 0;
}

}  // namespace hallmark::cmd
