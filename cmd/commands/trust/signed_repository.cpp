// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/trust/signed_repository.h"

#include "trust/error.h"
#include "trust/tuf/policy/question.h"

namespace hallmark::cmd {

const tuf::Outcome& signed_outcome(Admission& admission, const Reference& name) {
  const policy::Plan plan = admission.gate().plan(name);
  const policy::Answers& answers = admission.gatherer().before_digest(plan, admission.now());
  for (const auto& question : plan.questions()) {
    const auto answer = answers.find(question->key());
    // Answers of other trust systems have no repository of this kind.
    const auto* const found =
        answer == answers.end() ? nullptr : dynamic_cast<const tuf::PolicyAnswer*>(answer->second.get());
    if (found == nullptr) continue;
    // Otherwise docker's words, with the fault of the reason: a server that cannot be asked is no unsigned repository.
    if (found->repository() != nullptr) return found->outcome();
    throw Error(
        found->reason()->fault,
        "no signatures or cannot access " + name.familiar_repository() + ": " + printable(found->reason()->detail, 500),
        found->reason()->hint);
  }
  // What was verified is signed for another name: shown as this one's, it would say what nobody signed.
  fail(Fault::refused, name.familiar_repository(), ": the policy asks trust data about another name only");
}

const tuf::Repository& signed_repository(Admission& admission, const Reference& name) {
  return std::get<tuf::Repository>(signed_outcome(admission, name).result);
}

}  // namespace hallmark::cmd
