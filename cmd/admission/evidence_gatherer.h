// SPDX-License-Identifier: Apache-2.0
//
// Gathers what a plan asks for: one answer for each question and run. What systems want remembered is kept on disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cmd/admission/attached_evidence.h"
#include "cmd/state/trusted_metadata.h"
#include "policy/gate.h"
#include "registry/settings.h"
#include "registry/trust_server.h"

namespace hallmark::cmd {

/// Opens the trust server of one repository at the address; tests have others than registry::open_trust_server().
using OpenTrustServer = std::function<std::unique_ptr<registry::TrustServer>(
    const registry::Settings& settings, const Reference& name, const std::string& gun, const std::string& address,
    const std::optional<std::string>& authority_file)>;

/// For one run. A server is asked once for each question, so that all names of a command see one state of it, until the
/// answers are forgotten because something was waited for.
class EvidenceGatherer {
 public:
  /// `clock`: the time at this moment; what is judged is judged by the time that the caller gives.
  EvidenceGatherer(registry::Settings settings, TrustedMetadataStore memory, std::function<Time()> clock,
                   OpenTrustServer open);

  /// What earlier runs have learned; every answer is held against it.
  [[nodiscard]] const TrustedMetadataStore& memory() const { return memory_; }
  /// All that was answered by now. What it has changes when something is asked again.
  [[nodiscard]] const policy::Answers& answers() const { return answers_; }

  /// Answers to all questions of the plan that need no digest, unless they were asked before. Prints each warning once.
  const policy::Answers& before_digest(const policy::Plan& plan, Time now);
  /// Answers to those about an image, from what is attached to it at the source, or was found there before.
  void about(const policy::Plan& plan, const Subject& subject, trust::EvidenceSource& source, Time now);
  /// What of that a registry gave: the store keeps it beside the image.
  [[nodiscard]] std::vector<store::Evidence> from_registry(const Reference& name, const Digest& subject) const;

  /// The next answer asks the servers again.
  void forget() { answers_.clear(); }
  /// The same of answers that came before that.
  void forget_older_than(Time oldest);
  /// Before something comes in: rollback protection rests on what is remembered. Fault::local when something is not.
  void require_remembered() const;
  /// What the servers answered, judged again now, beside what any run on this machine has learned since; nobody is
  /// asked. Of a question that was not asked there is no answer.
  void before_digest_again(const policy::Plan& plan, Time now);
  /// The same of what was attached to the image.
  void about_again(const policy::Plan& plan, const Subject& subject, Time now);

 private:
  /// Returns where the answer came from.
  trust::EvidenceSource::Place ask(const trust::Question& question, const Reference& name, Time now);
  registry::TrustServer& server_of(const trust::Collection& collection, const Reference& name,
                                   const std::string& address);
  void ask_about(const policy::Plan& plan, const Subject& subject, trust::EvidenceSource* source, Time now);
  void warn(const std::string& line);

  registry::Settings settings_;
  TrustedMetadataStore memory_;
  std::function<Time()> clock_;
  OpenTrustServer open_;
  policy::Answers answers_;
  std::map<std::string, std::unique_ptr<registry::TrustServer>>
      servers_;  // each with its connection, for the next question
  struct Asked {
    std::shared_ptr<const trust::Question> question;
    trust::EvidenceSource::Place place;
    Time at;     ///< by the time that it was judged by
    Time since;  ///< when the answer was there: what the server has learned afterwards is not in it
  };
  std::map<std::string, Asked> asked_;
  /// What was attached to an image, by repository and digest: one repository has nothing to say of another's images.
  std::map<std::pair<std::string, Digest>, KnownEvidence> attached_;
  std::set<std::string> warned_;
  std::optional<std::string> unremembered_;  // why something that was learned could not be saved
};

}  // namespace hallmark::cmd
