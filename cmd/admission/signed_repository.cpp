// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/signed_repository.h"

#include <algorithm>

#include "policy/judge.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// The requirement that nothing but trust data can meet, if the plan has one.
const policy::Requirement* trust_requirement(const policy::Plan& plan) {
  using Type = policy::Requirement::Type;
  const auto found =
      std::find_if(plan.requirements.begin(), plan.requirements.end(), [](const policy::Requirement& requirement) {
        return requirement.type == Type::tuf || requirement.type == Type::content_trust;
      });
  return found == plan.requirements.end() ? nullptr : &*found;
}

}  // namespace

const tuf::Repository& signed_repository(Admission& admission, const Reference& name) {
  const policy::Plan plan = admission.gate().plan(name);
  const policy::TrustAnswers& answers = admission.gatherer().answer(plan, admission.now());
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

std::optional<std::vector<std::string>> trusted_tags(Admission& admission, const Reference& repository) {
  const policy::Plan plan = admission.gate().plan(repository);
  const policy::Requirement* requirement = trust_requirement(plan);
  if (requirement == nullptr) return std::nullopt;
  std::vector<std::string> tags;
  const policy::TrustAnswers& answers = admission.gatherer().answer(plan, admission.now());
  for (const policy::TrustQuestion& question : plan.questions) {
    const tuf::Outcome& outcome = answers.at(question.key);
    if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) {
      throw Error(refusal->fault, repository.familiar_repository() + ": " + printable(refusal->detail, 500),
                  refusal->hint);
    }
    for (const tuf::Target& target :
         std::get<tuf::Repository>(outcome.result).list(policy::roles_of(*requirement, admission.gate().policy()))) {
      if (Reference::is_tag(target.name)) tags.push_back(target.name);
    }
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

}  // namespace hallmark::cmd
