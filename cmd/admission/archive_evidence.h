// SPDX-License-Identifier: Apache-2.0
//
// Evidence for images that come in a file: what is beside them in it, together with what this machine remembers.
// Nothing is asked of a network, and nothing in the file can vouch for itself: what neither the policy pins nor this
// machine knows is refused.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cmd/admission/attached_evidence.h"
#include "cmd/state/trusted_metadata.h"
#include "policy/gate.h"
#include "store/archive/carried_trust.h"

namespace hallmark::cmd {

/// Keeps two sets of answers, with the archive and from memory alone: the archive may be older than what this machine
/// has seen since, or newer.
class ArchiveEvidence {
 public:
  /// `packed`: what the ends of trust data in the archive are compared with; those that are only remembered must be
  /// good now. `about`: what else the archive carries about an image.
  ArchiveEvidence(TrustedMetadataStore memory, store::CarriedTrust trust, KeptEvidence::About about, Time packed,
                  Time now)
      : memory_(std::move(memory)), trust_(std::move(trust)), about_(std::move(about)), packed_(packed), now_(now) {}

  /// Answers to the questions of the plan that need no digest: from the archive first.
  const policy::Answers& before_digest(const policy::Plan& plan);
  /// Answers from what is remembered alone.
  const policy::Answers& from_memory(const policy::Plan& plan);
  /// Both with what is attached to the image.
  void about(const policy::Plan& plan, const Subject& subject);
  /// Whether the archive's trust data are older than what is remembered for one of the questions.
  [[nodiscard]] bool is_older(const policy::Plan& plan);

  /// Forgets the answers: what this machine remembers may be newer now.
  void ask_again(Time packed, Time now);

  /// What was learned is remembered: once the images are to be taken. One line for each warning before.
  void remember() const;
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  struct Asked {
    std::shared_ptr<const trust::Question> question;
    KnownTrust before;
  };
  std::unique_ptr<trust::Answer> ask(const std::shared_ptr<const trust::Question>& question, bool with_archive);

  TrustedMetadataStore memory_;
  store::CarriedTrust trust_;
  KeptEvidence::About about_;
  Time packed_;
  Time now_;
  policy::Answers answers_;
  policy::Answers remembered_;
  std::map<std::string, Asked> asked_;
};

}  // namespace hallmark::cmd
