// SPDX-License-Identifier: Apache-2.0
//
// hallmark verify, hallmark policy explain: decide, fetch no layers, commit nothing.
#include <ostream>

#include "cmd/admission/registry_admission.h"
#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/records.h"
#include "cmd/commands/tag.h"
#include "cmd/images/still_there.h"
#include "policy/report.h"
#include "registry/oci/open.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

Options& judging_options(Options& options) {
  return options.flag("json", "Print the decision record, one JSON object")
      .flag("verbose,v", "Print requests")
      .flag("all-platforms", "Judge with every platform of an index")
      .value("platform", "OS/ARCH[/VARIANT]", "Judge with this platform of an index instead of this machine's")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .flag("require-publisher", "Refuse what no publisher's signature vouches for, whatever the policy says")
      .flag("plain-http", "Allow registries without TLS")
      .operands(1, 1);
}

// For verify and policy explain: the same judgement, and only the status differs.
policy::Judgement judge_operand(Judging& judging, const Arguments& arguments, const std::string& operation) {
  const Reference name = Reference::parse(arguments.operands().front());
  const PlatformChoice platforms = platform_choice(arguments, judging.environment);
  std::ostream& out = judging.environment.out;
  Records records(out, judging.admission, operation, arguments.truth("json", false));
  // Opening the repository may fail as well (a blocked registry, a folder that is not there): the record tells that,
  // too.
  policy::Judgement judgement = records.attempt(name, [&] {
    const auto source = registry::open_repository(judging.settings, name, registry::Access::pull);
    return judge_from_afar(judging.admission, name, platforms, *source, operation).judgement;
  });
  // A refusal is a result here: it is printed before the caller makes a status of it.
  records.print(judgement);
  if (records.is_wanted()) return judgement;
  const policy::Gate& gate = judging.admission.gate();
  // On a screen the error of verify stands right below, with the reasons and what to do. A file gets all of it.
  const bool is_screen = judging.environment.out_is_terminal && judging.environment.err_is_terminal;
  const bool is_told_below = is_screen && operation == "verify" && !judgement.decision.approval;
  out << (is_told_below ? policy::refusal(gate, judgement) : policy::explain(gate, judgement)) << std::flush;
  return judgement;
}

/// What is admitted no more is told and stays: whether it goes is for a person to say.
int verify_all(Judging& judging, const Arguments& arguments) {
  for (const char* const flag : {"all-platforms", "platform"}) {
    if (arguments.has(flag)) fail(Fault::usage, "--all judges what is in the store; leave --", flag, " out");
  }
  if (!arguments.operands().empty()) fail(Fault::usage, "--all judges every image of the store; leave the name out");
  Admission& admission = judging.admission;
  std::ostream& out = judging.environment.out;
  Records records(out, admission, "verify", arguments.truth("json", false));
  Batch batch(judging.environment.err);
  const auto judge = [&](const store::Entry& entry) {
    const policy::Judgement judgement = judge_stored(admission, entry, "verify");
    records.print(judgement);
    if (!records.is_wanted()) out << policy::explain(admission.gate(), judgement) << std::flush;
    if (!judgement.decision.approval) refuse(judgement);
  };
  for (const store::Entry& entry : admission.store().list()) {
    admission.terms().require_uninterrupted();
    batch.attempt(
        [&] { records.attempt(entry.name, [&] { unless_removed(admission.store(), entry, [&] { judge(entry); }); }); });
  }
  return batch.status();
}

}  // namespace

Options verify_options() {
  Options options("verify [OPTIONS] NAME[:TAG|@DIGEST] | --all",
                  "Decide about an image as pull would; fetch no layers and commit nothing",
                  "DOCKER_CONTENT_TRUST=1 hallmark verify --json registry.example/app:1.0");
  judging_options(options)
      .flag("all", "Decide again about everything in the store, by the policy and the trust data of now")
      .operands(0, 1);
  return options;
}

int verify(const Arguments& arguments, Environment& environment) {
  const bool is_all = arguments.truth("all", false);
  if (!is_all && arguments.operands().empty()) fail(Fault::usage, "expected a name, or --all");
  Judging judging = open_judging(arguments, environment, demands_of(arguments, environment));
  if (is_all) return verify_all(judging, arguments);
  const policy::Judgement judgement = judge_operand(judging, arguments, "verify");
  // The approval goes with the judgement and is never spent: nothing is committed by it.
  if (!judgement.decision.approval) refuse(judgement);
  return 0;
}

Options policy_explain_options() {
  Options options("policy explain [OPTIONS] NAME[:TAG|@DIGEST]",
                  "Tell which requirements hold for a name and what each of them says; exit 0 whatever they say",
                  "hallmark policy explain registry.example/app:1.0");
  judging_options(options);
  return options;
}

int policy_explain(const Arguments& arguments, Environment& environment) {
  Judging judging = open_judging(arguments, environment, demands_of(arguments, environment));
  // Whatever it says: the status is about the question, which was answered.
  judge_operand(judging, arguments, "explain");
  return 0;
}

}  // namespace hallmark::cmd
