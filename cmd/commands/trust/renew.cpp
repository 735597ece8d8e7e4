// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust renew: signs roles again with a later end, by hand or by a scheduled job.
#include <algorithm>
#include <ostream>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/trust/role_ends.h"
#include "cmd/commands/trust/role_options.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/publishing/publisher.h"
#include "cmd/publishing/signing.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

struct Renewal {
  std::vector<std::string> named;
  std::optional<std::chrono::days> within;
  Time now;
  std::map<std::string, std::int64_t> before{};  ///< versions
  std::vector<std::string> chosen{};
  std::vector<std::string> left{};          ///< are to end, and their keys are not here
  std::vector<std::string> out_of_reach{};  ///< readers pass over them, and so must we
};

// These two can be the trust server's, which then signs them by itself.
bool is_listing(const std::string& role) { return role == "snapshot" || role == "timestamp"; }

/// The role, which is to be renewed if its keys are here.
void choose(Renewal& renewal, const std::string& role, Publisher& publisher, tuf::Draft& draft) {
  // A renewal would empty it: what it says is not at hand.
  if (draft.is_out_of_reach(role)) {
    renewal.out_of_reach.push_back(role);
    return;
  }
  // A look at the folder: no passphrase is asked for before it is known what is signed.
  if (publisher.has_keys(draft.signers(role))) {
    draft.renew(role);
    renewal.chosen.push_back(role);
    return;
  }
  const bool server_does = is_listing(role) && publisher.server_signs();
  if (renewal.named.empty()) {
    // Not a failure: somebody else may have the keys. It is told at the end.
    if (!server_does) renewal.left.push_back(role);
    return;
  }
  if (server_does) {
    throw Error(Fault::missing, publisher.repository()->gun() + ": the key for " + role + " is not here",
                "a trust server that holds it signs again by itself, when what it signed has ended");
  }
  draft.renew(role);  // that its keys are missing is told with their ids
}

void choose_named(Renewal& renewal, Publisher& publisher, tuf::Draft& draft, const tuf::Repository& now) {
  for (const std::string& role : renewal.named) {
    const auto state = now.roles().find(role);
    // A role that signed nothing is chosen as well, so that what it lacks is told by the draft.
    const bool is_due = state == now.roles().end() || !renewal.within ||
                        ends_within(state->second.expires, renewal.now, *renewal.within);
    if (is_due) choose(renewal, role, publisher, draft);
  }
}

/// A root is renewed only when that is needed: its keys should lie somewhere else than here.
void choose_due(Renewal& renewal, Publisher& publisher, tuf::Draft& draft, const tuf::Repository& now) {
  for (const auto& [role, state] : now.roles()) {
    // A scheduled job with --within renews the root, too: one that ends takes the whole repository with it.
    const bool is_due = renewal.within ? ends_within(state.expires, renewal.now, *renewal.within) : role != "root";
    if (is_due) choose(renewal, role, publisher, draft);
  }
  for (const auto& delegation : now.delegations()) {
    // No role of the verified ones: without this nobody would hear that it was not renewed.
    if (draft.is_out_of_reach(delegation.first)) choose(renewal, delegation.first, publisher, draft);
  }
}

Publisher::Change renews(Renewal& renewal, Publisher& publisher) {
  return [&](tuf::Draft& draft, const tuf::Repository* now) {
    // The change is applied again when somebody else published first: what it noted the first time is not true any
    // more.
    renewal.before.clear();
    renewal.chosen.clear();
    renewal.left.clear();
    renewal.out_of_reach.clear();
    for (const auto& [role, state] : now->roles()) renewal.before.emplace(role, state.version);
    if (renewal.named.empty()) {
      choose_due(renewal, publisher, draft, *now);
    } else {
      choose_named(renewal, publisher, draft, *now);
    }
    // With --within nothing to do is the usual outcome of a daily job; without it somebody wanted something signed.
    if (!renewal.chosen.empty() || !renewal.out_of_reach.empty() || renewal.within) return;
    throw Error(
        Fault::missing,
        now->gun() + ": no key for any of its roles is in " + printable(publisher.keys().folder().string(), 300),
        "load your key with hallmark trust key load");
  };
}

void print_renewed(const Renewal& renewal, const Publisher& publisher, std::ostream& out) {
  for (const auto& [role, state] : publisher.repository()->roles()) {
    const auto former = renewal.before.find(role);
    // By what was read back: the snapshot and the timestamp that went along are told as well.
    if (former != renewal.before.end() && former->second == state.version) continue;
    out << "Renewed " << role << ": version " << state.version << ", expires " << to_text(state.expires) << "\n";
  }
}

/// What this renewal did not mend is told, also when there was nothing to do.
void warn_of_rest(const Renewal& renewal, const Publisher& publisher, const Environment& environment) {
  const tuf::Repository& now = *publisher.repository();
  for (const std::string& role : renewal.left) {
    environment.err << "warning: " << now.gun() << ": " << role << " "
                    << end_text(now.roles().at(role).expires, renewal.now) << ", and its keys are not here\n";
  }
  // A root that is signed again is good no longer than the certificates of its keys.
  const Time end = root_certificates_end(publisher.files(), now.gun());
  const bool is_cut = holds(renewal.chosen, "root") && end < now.roles().at("root").expires - std::chrono::days(1);
  if (is_cut || ends_within(end, renewal.now, renewal.within.value_or(std::chrono::days(0)))) {
    environment.err << "warning: " << now.gun() << ": the certificates of its root keys end at " << to_text(end)
                    << "; hallmark trust rotate root makes new ones\n";
  }
}

void require_all_renewed(const Renewal& renewal, const Reference& name) {
  if (renewal.out_of_reach.empty()) return;
  std::string roles;
  for (const std::string& role : renewal.out_of_reach) roles += (roles.empty() ? "" : ", ") + printable(role, 80);
  // Status 8: the others were renewed, and this one needs somebody else.
  throw Error(
      Fault::partial,
      name.repository() + ": not renewed: " + roles + ", which was signed before, but not by enough of its keys of now",
      "readers pass over it: hallmark trust delegation ls shows its keys and its threshold");
}

}  // namespace

Options trust_renew_options() {
  Options options("trust renew [OPTIONS] IMAGE",
                  "Sign the roles of a repository whose keys are here again, also what has expired",
                  "hallmark trust renew --within 7 registry.example/app");
  options.value("role", "ROLE", "Renew this role; may repeat (default: all whose keys are here, but for the root)")
      .flag("json", "Print one JSON object: the roles as they are now")
      .value("within", "DAYS", "Renew only what expires in so many days, the root included")
      .flag("verbose,v", "Print requests")
      .operands(1, 1);
  return options;
}

int trust_renew(const Arguments& arguments, Environment& environment) {
  const Reference name = repository_name(arguments.operands().front());
  Renewal renewal{arguments.values("role"), days_of(arguments, "within"), environment.now};
  Publisher publisher(environment, registry_settings(arguments, environment), name,
                      trust_basis(arguments, environment, name));
  // What has ended is what most needs it. Everything else about it is verified as ever.
  publisher.read_expired();
  publisher.prepare(renews(renewal, publisher), false);
  const bool is_renewed = publisher.publish();
  if (arguments.truth("json", false)) {
    environment.out << published_json(name.repository(), std::nullopt, publisher, environment.now) << "\n";
  } else {
    if (!is_renewed) environment.out << "Nothing to renew for " << name.familiar_repository() << "\n";
    print_renewed(renewal, publisher, environment.out);
  }
  // After the result: a failed part must not hide what was done.
  warn_of_rest(renewal, publisher, environment);
  require_all_renewed(renewal, name);
  return 0;
}

}  // namespace hallmark::cmd
