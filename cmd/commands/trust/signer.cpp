// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust signer add, hallmark trust signer remove: who may sign a repository, as docker means it: a signer has
// a role of his own, and his keys sign targets/releases, which everybody pulls by.
#include "cmd/publishing/signer.h"

#include <algorithm>
#include <ostream>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/trust/role_options.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/publishing/signing.h"
#include "cmd/terminal/prompt.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

using Keys = std::vector<std::string>;

/// The work for each repository, and docker's last line about those for which it failed.
template <class Work>
int for_each_repository(const Arguments& arguments, Environment& environment, const std::string& last_words,
                        Work work) {
  const std::vector<std::string> asked(arguments.operands().begin() + 1, arguments.operands().end());
  Batch batch(environment.err);
  std::string failed = last_words;
  for (const std::string& repository : asked) {
    bool is_done = false;
    batch.attempt([&] {
      work(repository);
      is_done = true;
    });
    // As they were typed, for whoever does it again for these.
    if (!is_done) failed += (failed == last_words ? " " : ", ") + printable(repository, 300);
  }
  if (asked.size() > 1 && batch.status() != 0) environment.err << failed << std::endl;
  return batch.status();
}

/// What is said on the way is for people.
void say(const Arguments& arguments, Environment& environment, const std::string& words) {
  if (!arguments.truth("json", false)) environment.out << words << std::endl;
}

void print_json(const Arguments& arguments, Environment& environment, const Reference& name,
                const Publisher& publisher) {
  if (!arguments.truth("json", false)) return;
  environment.out << published_json(name.repository(), std::nullopt, publisher, environment.now) << std::endl;
}

// A second signer of this name, or the same one again, only adds his keys: what is there already stays as it is.
void add_signer(const std::string& signer, const std::vector<tuf::ListedKey>& keys, const std::string& asked,
                const Arguments& arguments, Environment& environment) {
  const Reference name = repository_name(asked);
  say(arguments, environment, "Adding signer \"" + signer + "\" to " + asked + "...");
  Publisher publisher(environment, registry_settings(arguments, environment), name,
                      trust_basis(arguments, environment, name));
  const std::string role = "targets/" + signer;
  publisher.prepare(
      [&](tuf::Draft& draft, const tuf::Repository* /*now*/) {
        // Both, as docker has it: the role says who signed, and releases is what everybody pulls by. The empty path is
        // every tag.
        for (const std::string& each : {role, kReleases}) draft.change_delegation(each, {{}, keys, {}, {""}, {}});
      },
      true);
  // Known after prepare(): nothing was sent by then.
  const bool begins = publisher.repository() == nullptr;
  if (begins) say(arguments, environment, "Initializing signed repository for " + asked + "...");
  publisher.publish();
  if (begins) say(arguments, environment, "Successfully initialized \"" + asked + "\"");
  tell_begun(publisher, environment);
  const auto& delegations = publisher.repository()->delegations();
  for (const tuf::ListedKey& key : keys) {
    if (delegations.count(role) != 0 && holds(delegations.at(role).key_ids, key.key.canonical_id)) continue;
    throw Error(Fault::local, name.familiar_repository() + ": the trust server took the signer, but does not show him",
                "somebody may have removed him meanwhile; look with hallmark trust inspect");
  }
  say(arguments, environment, "Successfully added signer: " + signer + " to " + asked + "\n");
  print_json(arguments, environment, name, publisher);
}

/// Takes one signer out of a repository; asks once when that leaves nothing to pull by.
class SignerRemoval {
 public:
  SignerRemoval(std::string signer, std::string asked, bool is_forced, const Publisher& publisher,
                const Environment& environment)
      : signer_(std::move(signer)),
        asked_(std::move(asked)),
        is_confirmed_(is_forced),
        publisher_(publisher),
        environment_(environment) {}

  void operator()(tuf::Draft& draft, const tuf::Repository* now) {
    const Keys keys = keys_of_nobody_else(*now);
    draft.remove_delegation("targets/" + signer_);
    if (now->delegations().count(kReleases) == 0) return;
    const bool stays_signed = leave_releases(draft, now->delegations().at(kReleases), keys);
    // Where nothing is released nothing is lost, and nobody is asked.
    if (!stays_signed && !now->list({kReleases}).empty()) require_confirmation();
  }

 private:
  /// A key that another signer has, too, stays good for releases.
  [[nodiscard]] Keys keys_of_nobody_else(const tuf::Repository& now) const {
    const auto found = now.delegations().find("targets/" + signer_);
    if (found == now.delegations().end()) {
      throw Error(Fault::missing, "no signer " + signer_ + " for repository " + asked_,
                  "hallmark trust inspect lists the signers");
    }
    Keys keys = found->second.key_ids;
    for (const auto& [role, listed] : now.delegations()) {
      // Delegations below his own go with him, so what they list keeps no key.
      if (role == found->first || role == kReleases || role.starts_with(found->first + "/")) continue;
      std::erase_if(keys, [&, &ids = listed.key_ids](const std::string& id) { return holds(ids, id); });
    }
    return keys;
  }

  /// False when what is released does not stay signed.
  [[nodiscard]] bool leave_releases(tuf::Draft& draft, const tuf::DelegatedRole& releases, const Keys& keys) const {
    const bool others_stay = std::any_of(releases.key_ids.begin(), releases.key_ids.end(),
                                         [&](const std::string& id) { return !holds(keys, id); });
    if (!others_stay) {
      // Without it tags count that are signed in targets.
      draft.remove_delegation(kReleases);
      return false;
    }
    draft.change_delegation(kReleases, {keys, {}, {}, {}, {}});
    return publisher_.renew_undersigned(draft).empty();
  }

  void require_confirmation() {
    if (!is_confirmed_) {
      // Once: the change is applied again when somebody else publishes first, and a person has answered.
      is_confirmed_ = confirm(environment_, "The signer \"" + signer_ + "\" signed the last released version of " +
                                                asked_ + ". Removing this signer will make " + asked_ +
                                                " unpullable. Are you sure you want to continue?");
    }
    if (!is_confirmed_) fail(Fault::local, "aborted: ", signer_, " is still a signer of ", asked_);
  }

  std::string signer_;
  std::string asked_;
  bool is_confirmed_;
  const Publisher& publisher_;
  const Environment& environment_;
};

void remove_signer(const std::string& signer, const std::string& asked, const Arguments& arguments,
                   Environment& environment) {
  const Reference name = repository_name(asked);
  say(arguments, environment, "Removing signer \"" + signer + "\" from " + asked + "...");
  Publisher publisher(environment, registry_settings(arguments, environment), name,
                      trust_basis(arguments, environment, name));
  SignerRemoval removal(signer, asked, arguments.truth("force", false), publisher, environment);
  publisher.prepare(std::ref(removal), false);
  publisher.publish();
  // Whoever was removed and is still listed can still sign: that must not look like success.
  if (publisher.repository()->delegations().count("targets/" + signer) != 0) {
    throw Error(Fault::local, name.familiar_repository() + ": the trust server took the removal, but does not show it",
                "somebody may have added the signer again; look with hallmark trust inspect");
  }
  say(arguments, environment, "Successfully removed " + signer + " from " + asked + "\n");
  print_json(arguments, environment, name, publisher);
}

void check_signer_name(const std::string& name) {
  // A signer of this name would own the role that everybody pulls by.
  if (name == "releases") {
    fail(Fault::usage, "releases is a reserved keyword, please use a different signer name");
  }
  if (is_signer_name(name)) return;
  fail(Fault::usage, "signer name \"", printable(name, 80),
       "\" must start with lowercase alphanumeric characters and can include \"-\" or \"_\" after the first character");
}

}  // namespace

Options trust_signer_add_options() {
  Options options("trust signer add [OPTIONS] NAME IMAGE [IMAGE...]", "Let somebody sign repositories with his own key",
                  "hallmark trust signer add --key alice.pub alice registry.example/app");
  options.flag("json", "Print a JSON object for each repository, one a line: its roles as they are now")
      .value("key", "FILE", "The signer's public key or certificate, PEM; may repeat")
      .flag("verbose,v", "Print requests")
      .operands(2, kNoLimit);
  return options;
}

int trust_signer_add(const Arguments& arguments, Environment& environment) {
  const std::string& signer = arguments.operands().front();
  check_signer_name(signer);
  if (!arguments.has("key")) fail(Fault::usage, "path to a public key must be provided using the `--key` flag");
  const std::vector<tuf::ListedKey> keys = read_signer_keys(arguments.values("key"), environment.now);
  return for_each_repository(arguments, environment, "Failed to add signer to:", [&](const std::string& asked) {
    add_signer(signer, keys, asked, arguments, environment);
  });
}

Options trust_signer_remove_options() {
  Options options("trust signer remove [OPTIONS] NAME IMAGE [IMAGE...]",
                  "Take a signer out of repositories, with what only he signed",
                  "hallmark trust signer remove alice registry.example/app");
  options.flag("force,f", "Do not ask whether to remove the last signer")
      .flag("json", "Print a JSON object for each repository, one a line: its roles as they are now")
      .flag("verbose,v", "Print requests")
      .operands(2, kNoLimit);
  return options;
}

int trust_signer_remove(const Arguments& arguments, Environment& environment) {
  const std::string& signer = arguments.operands().front();
  check_signer_name(signer);
  return for_each_repository(arguments, environment, "Failed to remove signer from:", [&](const std::string& asked) {
    remove_signer(signer, asked, arguments, environment);
  });
}

}  // namespace hallmark::cmd
