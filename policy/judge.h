// SPDX-License-Identifier: Apache-2.0
//
// What single requirements say about a subject: the evaluation behind the gate. It asks every branch and never stops
// early; it makes no decision and no Approval.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/decision.h"
#include "policy/policy.h"
#include "policy/waivers.h"

namespace hallmark::policy {

/// What a tuf or content trust requirement asks about the name; absent when its store has no pin for it.
std::optional<TrustQuestion> question_of(const Requirement& requirement, const std::optional<Policy>& policy,
                                         const Reference& name);

/// The roles whose word counts, in their order.
std::vector<std::string> roles_of(const Requirement& requirement, const std::optional<Policy>& policy);

/// The one that asks the same, under whatever key; nullptr when there is none.
const TrustQuestion* find_question(const std::vector<TrustQuestion>& questions, const TrustQuestion& wanted);

class Judge {
 public:
  /// Without a subject: what can be said before there is a digest; the rest is `skipped`. All arguments outlive this.
  Judge(const std::optional<Policy>& policy, const Plan& plan, const TrustAnswers& answers, const Subject* subject,
        Waivers waivers, Time now)
      : policy_(policy), plan_(plan), answers_(answers), subject_(subject), waivers_(std::move(waivers)), now_(now) {}

  [[nodiscard]] Finding judge(const Requirement& requirement) const;

  /// The verified repository that answers the requirement; nullptr when there is none.
  [[nodiscard]] const tuf::Repository* repository_for(const Requirement& requirement) const;

 private:
  void judge_digest(const Requirement& requirement, Finding& finding) const;
  void judge_audit(const Requirement& requirement, Finding& finding) const;
  void judge_threshold(const Requirement& requirement, Finding& finding) const;
  void judge_tuf(const Requirement& requirement, Finding& finding) const;
  void judge_tag(const tuf::Repository& repository, const std::vector<std::string>& roles, Finding& finding) const;
  void judge_bare_digest(const tuf::Repository& repository, const std::vector<std::string>& roles,
                         Finding& finding) const;
  void judge_target(const tuf::Repository& repository, const tuf::Target& target, Finding& finding) const;

  const std::optional<Policy>& policy_;
  const Plan& plan_;
  const TrustAnswers& answers_;
  const Subject* subject_;
  Waivers waivers_;
  Time now_;
};

}  // namespace hallmark::policy
