// SPDX-License-Identifier: Apache-2.0
//
// The gate: the only maker of an Approval. It asks every requirement that holds for the name, so that one run shows
// everything, and approves only when all of them pass.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/approval.h"
#include "policy/policy.h"
#include "trust/dsse.h"
#include "trust/error.h"
#include "trust/subject.h"
#include "trust/tuf/update.h"

namespace hallmark::policy {

/// Trust data that must be gathered before the gate can decide. Pure data: the command fetches it.
struct TrustQuestion {
  std::string key;    ///< names the question within one plan
  std::string store;  ///< of the policy; empty for content trust. Each has a memory of its own
  tuf::Question question;
  std::optional<std::string> server;  ///< from the policy; otherwise the command's choice
  std::optional<std::string> ca_file;
};

/// What holds for one name.
struct Plan {
  Reference name;
  std::optional<Match> match;  ///< absent when there is no policy file
  Requirements requirements;   ///< of the match, then the one of content trust where it applies
  std::vector<TrustQuestion> questions;
  bool asks_image = false;  ///< whether one of them needs Subject::facts
};

/// By TrustQuestion::key. A missing answer counts as "could not decide".
using TrustAnswers = std::map<std::string, tuf::Outcome>;

enum class Result { pass, fail, error, skipped };  // error: could not decide; counts as fail

/// What one requirement said.
struct Finding {
  std::string pointer;
  std::string type;
  std::string id;
  std::string store;
  Result result = Result::fail;
  std::string code;    ///< stable word of policy/codes.h when not passed: "REJECT", "TUF_EXPIRED", "NOT_SUPPORTED"
  std::string detail;  ///< one line: expected and found
  std::string hint;    ///< one line: what to do
  Fault fault = Fault::refused;
  std::size_t need = 0;  ///< threshold
  std::size_t got = 0;
  std::vector<Finding> children;
  std::string question;               ///< key of the trust data that was looked at; empty if none
  std::optional<tuf::Target> target;  ///< the signed target that made it pass
  std::string waived_by;              ///< a failed gate that counts for nothing: an exception, or kBreakGlass
  std::optional<std::uint64_t> most_uncompressed;  ///< what a pass of gates allows while layers are inflated
  /// Whose word a pass rests on: "key:<id>" for keys, "policy" for what the file itself says.
  std::set<std::string> signers;
  /// Of an index: whether a pass rests on its manifests that were looked at, and says nothing of others in it; and
  /// whether somebody vouches for the index itself, because its own digest is listed or signed.
  bool is_for_instances = false;
  bool is_for_top = false;
};

struct Decision {
  std::optional<Approval> approval;  ///< present exactly when everything passed
  std::vector<Finding> findings;
  /// Meaningful without an approval: Fault::refused if anything failed, otherwise the fault of what could not be
  /// decided.
  Fault fault = Fault::refused;
  /// Without an approval: nothing refused, but some gates wait for the configs of Subject::facts.
  bool is_open = false;
  /// Without an approval: all passed, but for the manifests alone that were looked at. Nobody vouches for their index.
  bool is_for_instances = false;
  std::vector<std::string> exceptions;          ///< ids of those that it needed
  std::optional<std::string> break_glass;       ///< the reason, if the glass had to be broken
  std::vector<std::string> break_glass_waived;  ///< codes that it waived
  /// Whether a publisher's word was checked, as against accepting anything.
  bool publisher_verified = false;
};

/// What came after the decision took the approval back, or nothing came to be judged. Its code: a word of its own.
void overturn(Decision& decision, const Error& error);

class BundleTime;    // policy/bundle_time.h
struct ClockMemory;  // policy/bundle_time.h

/// What this machine remembers that every judgement has to obey.
struct Remembered {
  std::optional<std::int64_t> serial = {};  ///< the highest that was seen of a policy of this name
  std::optional<Time> time = {};            ///< the latest that was certain: a clock behind it is refused
};

class Gate {
 public:
  /// Without a policy and without content trust everything is accepted whose digests hold.
  Gate(std::optional<Policy> policy, bool content_trust, Remembered remembered = {});

  /// What the policy lets a person waive is waived from now on, for this reason. Returns why the policy does not take
  /// it, and then nothing is waived.
  std::string break_glass(const std::string& reason);

  [[nodiscard]] const std::optional<Policy>& policy() const { return policy_; }

  /// Which requirements hold, and what must be asked. A tuf requirement without a pin for the name asks nothing and
  /// fails in decide(). Throws what Policy::match() throws.
  [[nodiscard]] Plan plan(const Reference& name) const;

  /// What trust says the tag is: absent when no requirement asks trust data. Two that disagree, or one that names
  /// nothing, is left to decide(): then the first digest found is returned, if any.
  [[nodiscard]] std::optional<tuf::Target> resolve(const Plan& plan, const TrustAnswers& answers) const;

  /// Pure: the same arguments give the same decision. A subject of another name than the plan's is Fault::local.
  [[nodiscard]] Decision decide(const Plan& plan, const Subject& subject, const TrustAnswers& answers, Time now) const;

  /// Of an image that came in a bundle: what was found of its time counts as well. The answers must have been found
  /// with `time.at()`.
  [[nodiscard]] Decision decide(const Plan& plan, const Subject& subject, const TrustAnswers& answers,
                                const BundleTime& time) const;

  /// What the policy makes of the statement of a bundle, absent when it has none, and of this machine's clock.
  /// Fault::corrupt when a statement with a good signature cannot be read.
  [[nodiscard]] BundleTime judge_bundle(const std::optional<dsse::Envelope>& statement, const ClockMemory& before,
                                        Time now) const;

  /// Whether no digest whatever could be approved: then nothing needs to be fetched, and refuse() says why.
  [[nodiscard]] bool is_lost(const Plan& plan, const TrustAnswers& answers, Time now) const;

  /// For a name that trust cannot resolve: the decision when there is no digest to ask about. Never approves.
  /// What cannot be said without a digest is `skipped`.
  [[nodiscard]] Decision refuse(const Plan& plan, const TrustAnswers& answers, Time now) const;

 private:
  [[nodiscard]] Decision decide(const Plan& plan, const Subject& subject, const TrustAnswers& answers, Time now,
                                std::vector<Finding> of_time) const;
  [[nodiscard]] std::vector<Finding> clock_findings(Time now) const;
  /// What is said of the policy itself, of the name, and of the subject if there is one. Never empty.
  [[nodiscard]] Waivers waivers_for(const Reference& name, const Subject* subject, Time now) const;
  [[nodiscard]] std::vector<Finding> findings_of(const Plan& plan, const TrustAnswers& answers, const Subject* subject,
                                                 Time now) const;

  std::optional<Policy> policy_;
  bool content_trust_;
  Remembered remembered_;
  std::optional<std::string> break_glass_;  // the reason
};

}  // namespace hallmark::policy
