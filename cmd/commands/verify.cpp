// SPDX-License-Identifier: Apache-2.0
//
// hallmark verify, hallmark policy explain: decide, fetch no layers, commit nothing.
#include <ostream>

#include "cmd/admission/admission.h"
#include "cmd/admission/records.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
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
      .flag("plain-http", "Allow registries without TLS")
      .operands(1, 1);
}

Judged judge_operand(Desk& desk, const Arguments& arguments, const std::string& operation) {
  const Reference name = Reference::parse(arguments.operands().front());
  const PlatformChoice platforms = platform_choice(arguments, desk.surroundings);
  Records records(desk, operation, arguments.truth("json", false));
  Judged judged = records.attempt(name, [&] {
    const auto source = registry::open_repository(desk.settings, name, registry::Access::pull);
    return judge_from_afar(desk, name, platforms, *source, operation);
  });
  const policy::TrustAnswers& answers = desk.trust.answers();
  records.print({judged.plan, judged.decision, answers, judged.circumstances});
  if (!records.is_wanted()) {
    desk.surroundings.out << policy::explain(desk.gate, judged.plan, judged.decision, answers, judged.circumstances)
                          << std::flush;
  }
  return judged;
}

}  // namespace

Options verify_options() {
  Options options("verify [OPTIONS] NAME[:TAG|@DIGEST]",
                  "Decide about an image as pull would; fetch no layers and commit nothing",
                  "DOCKER_CONTENT_TRUST=1 hallmark verify --json registry.example/app:1.0");
  judging_options(options);
  return options;
}

int verify(const Arguments& arguments, Surroundings& surroundings) {
  Desk desk = open_desk(arguments, surroundings, content_trust(arguments, surroundings));
  const Judged judged = judge_operand(desk, arguments, "verify");
  if (!judged.decision.approval) refuse(judged.plan, judged.decision);
  return 0;
}

Options policy_explain_options() {
  Options options("policy explain [OPTIONS] NAME[:TAG|@DIGEST]",
                  "Tell which requirements hold for a name and what each of them says; exit 0 whatever they say",
                  "hallmark policy explain registry.example/app:1.0");
  judging_options(options);
  return options;
}

int policy_explain(const Arguments& arguments, Surroundings& surroundings) {
  Desk desk = open_desk(arguments, surroundings, content_trust(arguments, surroundings));
  judge_operand(desk, arguments, "explain");
  return 0;
}

}  // namespace hallmark::cmd
