// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/signed_repository.h"

#include "trust/error.h"

namespace hallmark::cmd {

const tuf::Repository& signed_repository(Desk& desk, const Reference& name) {
  const policy::Plan plan = desk.gate.plan(name);
  const policy::TrustAnswers& answers = desk.trust.answer(plan);
  if (plan.questions.empty()) {
    fail(Fault::refused, name.familiar_repository(), ": the policy asks trust data about another name only");
  }
  const tuf::Outcome& outcome = answers.at(plan.questions.front().key);
  if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) {
    throw Error(refusal->fault,
                "no signatures or cannot access " + name.familiar_repository() + ": " + printable(refusal->detail, 500),
                refusal->hint);
  }
  return std::get<tuf::Repository>(outcome.result);
}

}  // namespace hallmark::cmd
