// SPDX-License-Identifier: Apache-2.0
//
// hallmark tag: another name for an image of the store. A name is a decision: the policy is asked about the new one.
#include <ostream>

#include "cmd/admit.h"
#include "cmd/command.h"
#include "trust/error.h"

namespace hallmark::cmd {

Options tag_options() {
  Options options("tag [OPTIONS] SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
                  "Give an image of the local store another name, if the policy admits it under that name",
                  "hallmark tag registry.example/app:1.0 registry.example/app:stable");
  options.flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before").operands(2, 2);
  return options;
}

int tag(const Arguments& arguments, Surroundings& surroundings) {
  const std::string& source = arguments.operands()[0];
  const Reference target = Reference::parse(arguments.operands()[1]);
  if (target.digest()) fail(Fault::usage, "refusing to create a tag with a digest reference: ", target.familiar());
  // Content trust says what a registry's tag is; a local name is the policy's business alone.
  Desk desk = open_desk(arguments, surroundings, false);
  const auto entry = desk.store.find(source);
  if (!entry)
    throw Error(Fault::missing, "No such image: " + printable(source, 300), "hallmark images lists what there is");

  const policy::Plan plan = desk.gate.plan(target);
  const policy::TrustAnswers& answers = desk.trust.answer(plan);
  policy::Decision decision = desk.gate.decide(
      plan, Subject{target, entry->root.digest, entry->root.size, entry->manifests}, answers, surroundings.now);
  if (!decision.approval) {
    policy::Circumstances circumstances = circumstances_of(desk, "tag");
    circumstances.media_type = entry->root.media_type;
    circumstances.digest = entry->root.digest;
    circumstances.size = entry->root.size;
    surroundings.err << policy::explain(desk.gate, plan, decision, answers, circumstances);
    refuse(plan, decision);
  }
  store::Staging staging(desk.store);
  const store::Staged staged = staging.present(*entry, [&](std::uint64_t) {
    if (surroundings.interrupted) fail(Fault::interrupted, "interrupted");
  });
  commit(desk, staged, std::move(*decision.approval));
  return 0;
}

}  // namespace hallmark::cmd
