// SPDX-License-Identifier: Apache-2.0
//
// The gate: the only maker of an Approval. It asks every requirement that holds for the name, so that one run shows
// everything, and approves only when all of them pass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/decision.h"
#include "policy/policy.h"
#include "trust/dsse.h"
#include "trust/subject.h"

namespace hallmark::policy {

class BundleTime;    // policy/bundle_time.h
struct ClockMemory;  // policy/bundle_time.h

/// What this machine remembers that every judgement has to obey.
struct Remembered {
  std::optional<std::int64_t> serial = {};  ///< the highest that was seen of a policy of this name
  std::optional<Time> time = {};            ///< the latest that was certain: a clock behind it is refused
  std::string time_place = {};              ///< the file that has it, for people
};

/// One policy, with what this machine remembers. When the file is read again there is another gate, and plans of the
/// old one count no more.
class Gate {
 public:
  /// Without a policy and without content trust everything is accepted whose digests hold.
  Gate(std::optional<Policy> policy, bool content_trust, Remembered remembered = {});

  /// What the policy lets a person waive is waived from now on, for this reason. Returns why the policy does not take
  /// it, and then nothing is waived.
  /// Empty when it takes it. Each new gate has to be told again.
  std::string break_glass(const std::string& reason);

  /// From now on what no publisher's signature vouches for is refused. `asked_by`: the flag or the variable, for
  /// people. Each new gate has to be told again; what the policy itself asks holds in any case.
  void require_publisher(std::string asked_by);

  /// Absent when there is no policy file: then content trust asks, or nobody.
  [[nodiscard]] const std::optional<Policy>& policy() const { return policy_; }

  /// Which requirements hold, and what must be asked. A tuf requirement without a pin for the name asks nothing and
  /// fails in decide(). Throws what Policy::match() throws.
  [[nodiscard]] Plan plan(const Reference& name) const;

  /// What trust says the tag is: absent when no requirement asks trust data. Two that disagree, or one that names
  /// nothing, is left to decide(): then the first digest found is returned, if any.
  [[nodiscard]] std::optional<trust::NamedDigest> resolve(const Plan& plan, const Answers& answers) const;

  /// The one digest that the name may have: a list of the policy that it must meet has no other. Absent where there is
  /// no such list.
  [[nodiscard]] std::optional<Digest> only_digest(const Plan& plan) const;

  /// The tags that are signed, as all requirements that sign names have them; absent when none does.
  [[nodiscard]] std::optional<std::vector<std::string>> tags(const Plan& plan, const Answers& answers) const;

  /// Pure: the same arguments give the same decision. A subject of another name than the plan's is Fault::local.
  [[nodiscard]] Decision decide(const Plan& plan, const Subject& subject, const Answers& answers, Time now) const;

  /// Of an image that came in a bundle: what was found of its time counts as well. The answers must have been found
  /// with `time.at()`.
  [[nodiscard]] Decision decide(const Plan& plan, const Subject& subject, const Answers& answers,
                                const BundleTime& time) const;

  /// What the policy makes of the statement of a bundle, absent when it has none, and of this machine's clock.
  /// Fault::corrupt when a statement with a good signature cannot be read.
  [[nodiscard]] BundleTime judge_bundle(const std::optional<dsse::Envelope>& statement, const ClockMemory& before,
                                        Time now) const;

  /// Whether no digest whatever could be approved: then nothing needs to be fetched, and refuse() says why.
  [[nodiscard]] bool cannot_pass(const Plan& plan, const Answers& answers, Time now) const;

  /// For a name that trust cannot resolve: the decision when there is no digest to ask about. Never approves.
  /// What cannot be said without a digest is `skipped`.
  [[nodiscard]] Decision refuse(const Plan& plan, const Answers& answers, Time now) const;
  /// Of a name in a bundle: what was found of its time counts as well, and the advice is for whoever has the file.
  [[nodiscard]] Decision refuse(const Plan& plan, const Answers& answers, const BundleTime& time) const;

 private:
  [[nodiscard]] Decision refuse(const Plan& plan, const Answers& answers, Time now, std::vector<Finding> of_time) const;
  /// `of_time`: what was found of the clock, or of a bundle's time. It counts as requirements do.
  [[nodiscard]] Decision decide(const Plan& plan, const Subject& subject, const Answers& answers, Time now,
                                std::vector<Finding> of_time) const;
  /// Empty when the clock can be right, or nothing is remembered.
  [[nodiscard]] std::vector<Finding> clock_findings(Time now) const;
  /// The exceptions that hold for the name and the subject now, and the glass when it was broken.
  [[nodiscard]] Waivers waivers_for(const Reference& name, const Subject* subject, Time now) const;
  /// What is said of the policy itself, of the name, and of the subject if there is one. Never empty.
  [[nodiscard]] std::vector<Finding> findings_of(const Plan& plan, const Answers& answers, const Subject* subject,
                                                 Time now) const;

  /// Fault::local for a plan of another gate: a policy that has changed since has others.
  void require_own(const Plan& plan) const;

  std::optional<Policy> policy_;
  bool content_trust_;
  Remembered remembered_;
  std::optional<std::string> break_glass_;  // the reason
  std::string publisher_asked_by_;          // empty: nobody but the policy
  std::shared_ptr<const char> mark_;        // on the plans of this gate
};

}  // namespace hallmark::policy
