// SPDX-License-Identifier: Apache-2.0
//
// The way in for every image, wherever it comes from: judge, admit, judge again, commit. It prints nothing and knows no
// flag.
//
// Between a judgement and what rests on it time passes: a transfer may be slow, by chance or because somebody wants it
// to be. So every judgement is made anew right before the commit, with the policy file, the trust data and the time as
// they are then, and no two runs commit at once.
#pragma once

#include <exception>
#include <functional>
#include <span>
#include <string>

#include "cmd/admission/decision_log.h"
#include "cmd/admission/evidence_gatherer.h"
#include "cmd/admission/terms.h"
#include "cmd/state/clock.h"
#include "cmd/state/policy_in_force.h"
#include "policy/gate.h"
#include "policy/judgement.h"
#include "store/layout/quarantine.h"
#include "store/staging/staging.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {

/// What is judged, with its facts when the plan asks for them. It is asked again whenever something is judged again:
/// another policy may want to know more.
using SubjectOf = std::function<Subject(const policy::Plan&)>;

/// The right to commit. While it lives no other run commits into this store.
struct Turn {
  ClockFile clock;
  ClockFile::Lock lock;
  store::StoreLock of_store;  ///< long checks and removals have been waited for as well
};

/// A judgement that something rests on without a commit.
struct Standing {
  policy::Judgement& judgement;
  SubjectOf subject;
  Subject told;  ///< what was admitted when it was told
};

/// Throws the refusal of a decision without an approval: one line, with the fault and the hints of the findings.
[[noreturn]] void refuse(const policy::Judgement& judgement);

/// Fault::refused when `now`, what is admitted, is not what was told, or may inflate to less.
void require_same(const policy::Plan& plan, const Subject& told, const Subject& now);

/// No memory, a disk that fails in a way that nobody foresaw: nothing comes in then, either, and records say so.
Error unforeseen(const std::exception& error);

/// For one run of a command: all its names are judged by one policy, one memory and one time, which are renewed
/// together. Not for several threads.
class Admission {
 public:
  /// Reads the policy, and what is remembered of its serials and of the time. Fault::usage when it cannot be used.
  Admission(Terms terms, EvidenceGatherer gatherer);
  Admission(const Admission&) = delete;  // judgements refer to what it gathered
  Admission& operator=(const Admission&) = delete;

  /// As the command gave them.
  [[nodiscard]] const Terms& terms() const { return terms_; }
  /// Of the policy as it was read last. renew() exchanges what it is, and it refuses plans that were made before that.
  [[nodiscard]] const policy::Gate& gate() const { return gate_; }
  /// What came in by a commit of this run can be read from it at once.
  [[nodiscard]] const store::Store& store() const { return store_; }
  [[nodiscard]] store::Store& store() { return store_; }
  /// Its answers change when a server is asked again: judgements refer to them and do not copy them.
  [[nodiscard]] EvidenceGatherer& gatherer() { return gatherer_; }
  /// What is judged by; renewed with the gate.
  [[nodiscard]] Time now() const { return now_; }

  /// What is known of a judgement before anything is known of the image: its plan, and what it is called in records.
  [[nodiscard]] policy::Judgement begin(const Reference& name, const std::string& operation) const;
  /// The same of what nothing could be judged of: the policy may not know the name, or there may be none.
  [[nodiscard]] policy::Judgement begin_failed(const std::optional<Reference>& name,
                                               const std::string& operation) const;
  /// The same with the answers, by the gate of after they came.
  [[nodiscard]] policy::Judgement begin_now(const Reference& name, const std::string& operation);
  /// The answers that the plan asks for. Their servers may be slow: the gate is that of after their answers, and the
  /// plan is made anew by it.
  void gather(policy::Judgement& judgement);
  /// Before a decision for which something was waited for: what was read or asked some seconds ago is read and asked
  /// again, and the plan made anew, for this name.
  void begin_again(policy::Judgement& judgement, const Reference& name);
  /// Whether no digest whatever could be admitted. Then that is the decision.
  bool decide_lost(policy::Judgement& judgement) const;
  /// By what was gathered about the name, and about the image.
  void decide(policy::Judgement& judgement, const Subject& subject) const;

  /// The tags that are signed, sorted; absent when nothing that signs names is asked about the repository. Throws the
  /// refusal of what is asked.
  [[nodiscard]] std::optional<std::vector<std::string>> trusted_tags(const Reference& repository);

  /// Throws the refusal, recorded, unless it was approved.
  void admit(const policy::Judgement& judgement) const;

  /// Before a decision is told.
  void judge_again_when_old(policy::Judgement& judgement, const SubjectOf& subject);
  /// Before something rests on decisions without a commit: by the policy and by all that is remembered now, and when
  /// one is old by the trust server, too; none was judged long before the last. Throws the refusal, recorded, also when
  /// what is admitted now is not what was told, or only within a lower limit.
  void require_still_admitted(std::span<const Standing> all);
  /// The same of what is in the store already, with the right to commit: others may have been waited for. What was
  /// attached to it since is kept beside it.
  Turn require_still_admitted_in_turn(policy::Judgement& judgement, const SubjectOf& subject);

  /// Into the store, after it was judged again; the record of the decision, the policy's serial and the time into
  /// memory first. Spends the approval. Throws the refusal, recorded, of what is not admitted any more. When the commit
  /// fails after all, that is recorded, too. Whether the store got something by it is the caller's to say: of what is
  /// there already only the reason is noted.
  void commit(policy::Judgement& judgement, const SubjectOf& subject, const store::Staged& staged);

  /// A decision that nothing is committed by.
  void record(const Judgements& judgements) const;
  void record(const policy::Judgement& judgement) const { record({&judgement}); }
  /// Records that nothing came of it after all.
  void record_failure(policy::Judgement& judgement, const Error& error) const;
  /// What is done between the decision and the commit: its failure is recorded. That somebody interrupted it is no
  /// judgement, and is not.
  template <class Work>
  auto recording(policy::Judgement& judgement, Work&& work) const {
    try {
      return std::forward<Work>(work)();
    } catch (const Error& error) {
      if (error.fault() != Fault::interrupted) record_failure(judgement, error);
      throw;
    } catch (const std::exception& error) {
      record_failure(judgement, unforeseen(error));
      throw;
    }
  }

  /// The policy was obeyed: from now on an older one is refused. Waits for the store's lock, unless it is held.
  void remember_policy(const store::StoreLock* held) const;
  /// Whether the name is in the store with this: a commit that failed may have become visible before.
  [[nodiscard]] bool is_in_store(const Reference& name, const Digest& digest) const;

  /// Reads the policy file, the serials and the clock again. A clock that was set back meanwhile gives nothing back.
  void renew();
  /// Waits for others, then renews the gate.
  Turn take_turn();
  /// What is written between the judgement and the commit may have to wait, for the file of the records or for the
  /// disk. Whether that took so long that all of it has to be judged and recorded again, by the gate that is then
  /// renewed.
  bool renew_when_late(const Turn& turn, int round);

 private:
  struct TurnFor;

  [[nodiscard]] policy::Judgement begin(policy::Plan plan, const policy::Answers& answers,
                                        const std::string& operation) const;
  [[nodiscard]] policy::Gate gate_of_now(std::optional<policy::Policy> policy) const;
  [[nodiscard]] bool is_old(Time judged) const;
  [[nodiscard]] bool has_answers(const policy::Plan& plan) const;
  void renew_time();
  void renew_when_old();
  void renew_in_turn(const Turn& turn);
  void forget_old_answers();
  void forget_answers();
  void decide_again(policy::Judgement& judgement, const SubjectOf& subject);
  void decide_in_turn(const Turn& turn, Time oldest, policy::Judgement& judgement, const SubjectOf& subject);
  void judge_again(std::span<const Standing> all);
  TurnFor take_turn_for(const policy::Plan& plan);
  [[noreturn]] void refuse_late(const policy::Judgement& judgement) const;
  void require_now(policy::Judgement& judgement, const Subject& told) const;
  void judge_in_turn(const TurnFor& mine, policy::Judgement& judgement, const SubjectOf& subject,
                     const store::Staged& staged, const Subject& told);
  void keep_attached(const Reference& name, const Digest& digest, const store::StoreLock& lock);
  template <class Work>
  bool recording_promise(policy::Judgement& judgement, bool is_promised, Work&& work) const;

  Terms terms_;
  // only ever forward
  Time now_;
  Time renewed_;  // when the gate was made
  // Before the gate, which is made with the serial that is remembered.
  PolicyMemory policies_;
  policy::Gate gate_;
  store::Store store_;
  EvidenceGatherer gatherer_;
};

}  // namespace hallmark::cmd
