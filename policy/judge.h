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

/// The one that asks the same, under whatever key; nullptr when there is none.
/// It lives as long as the list.
const trust::Question* find_question(const Questions& questions, const trust::Question& wanted);

/// What a requirement of a trust system asks about the name, each with its answer, as far as the plan has them.
std::vector<trust::Asked> asked_of(const Requirement& requirement, const Plan& plan, const Answers& answers,
                                   const Subject* subject);

/// How many of the sets of signers have nothing in common with one another, at most. Empty ones are no party.
std::size_t most_distinct(std::vector<std::set<std::string>> sets);

/// Whether a pass rests on signed trust data. What only looks on has no say.
bool rests_on_publisher(const std::vector<Finding>& findings);

/// Whether anything in the list can ever rest on signed trust data.
bool may_rest_on_publisher(const Requirements& requirements);

/// Why nobody was verified: there is no policy, or the file that it names asks for none.
std::string why_no_publisher(const std::optional<Policy>& policy);

/// What is said about it to whoever asked, beside the findings of all requirements. Absent when one of them keeps the
/// image out already, and while it is open.
std::optional<Finding> find_publisher(const std::string& asked_by, const std::optional<Policy>& policy,
                                      const Plan& plan, const std::vector<Finding>& findings);

/// Made for one decision. It remembers nothing from one requirement to the next.
class Judge {
 public:
  /// Without a subject: what can be said before there is a digest; the rest is `skipped`. All arguments outlive this.
  Judge(const std::optional<Policy>& policy, const Plan& plan, const Answers& answers, const Subject* subject,
        Waivers waivers, Time now)
      : policy_(policy), plan_(plan), answers_(answers), subject_(subject), waivers_(std::move(waivers)), now_(now) {}

  /// Trouble with the evidence is a finding of Result::error, never an exception.
  [[nodiscard]] Finding judge(const Requirement& requirement) const;

 private:
  void judge_digest(const Requirement& requirement, Finding& finding) const;
  void judge_audit(const Requirement& requirement, Finding& finding) const;
  /// Its branches are judged without waivers.
  void judge_threshold(const Requirement& requirement, Finding& finding) const;
  void judge_system(const Requirement& requirement, Finding& finding) const;

  const std::optional<Policy>& policy_;
  const Plan& plan_;
  const Answers& answers_;
  const Subject* subject_;
  Waivers waivers_;
  Time now_;
};

}  // namespace hallmark::policy
