// SPDX-License-Identifier: Apache-2.0
//
// Trust data for images that come in a file: from the evidence beside them, together with what this machine remembers.
// Nothing is asked of a network, and nothing in the file can vouch for itself: a repository that neither the policy
// pins nor this machine knows is refused.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cmd/state/trusted_metadata.h"
#include "policy/gate.h"
#include "store/archive/carried_trust.h"

namespace hallmark::cmd {

class BundleTrust {
 public:
  /// `packed`: what the ends of trust data in the archive are compared with; those that are only remembered must be
  /// good now.
  BundleTrust(TrustMemory memory, store::CarriedTrust evidence, Time packed, Time now)
      : memory_(std::move(memory)), evidence_(std::move(evidence)), packed_(packed), now_(now) {}

  /// Answers to the questions of the plan: from the archive first.
  const policy::TrustAnswers& answer(const policy::Plan& plan);
  /// Answers from what is remembered alone.
  const policy::TrustAnswers& answer_from_memory(const policy::Plan& plan);
  /// Whether the archive's trust data are older than what is remembered for one of the questions.
  [[nodiscard]] bool is_older(const policy::Plan& plan);

  /// Forgets the answers: what this machine remembers may be newer now.
  void ask_again(Time packed, Time now);

  /// What was learned is remembered: once the images are to be taken. One line for each warning before.
  void remember() const;
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  struct Asked {
    std::string gun;
    std::string store;
    KnownTrust before;
  };
  tuf::Outcome ask(const policy::TrustQuestion& question, bool with_evidence);
  const policy::TrustAnswers& answer(const policy::Plan& plan, policy::TrustAnswers& answers, bool with_evidence);

  TrustMemory memory_;
  store::CarriedTrust evidence_;
  Time packed_;
  Time now_;
  policy::TrustAnswers answers_;
  policy::TrustAnswers remembered_;
  std::map<std::string, Asked> asked_;
};

}  // namespace hallmark::cmd
