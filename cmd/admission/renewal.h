// SPDX-License-Identifier: Apache-2.0
//
// Between a judgement and what rests on it time passes: a transfer may be slow, by chance or because somebody wants it
// to be. So every judgement is made anew right before the commit, with the policy file, the trust data and the time as
// they are then, and no two runs commit at once.
#pragma once

#include <functional>
#include <span>

#include "cmd/state/clock.h"
#include "cmd/state/policy_in_force.h"
#include "policy/gate.h"
#include "policy/report.h"
#include "store/layout/quarantine.h"
#include "store/staging/staging.h"
#include "trust/error.h"

namespace hallmark::cmd {

struct Desk;

/// The gate by the policy and by all that this machine remembers now.
policy::Gate gate_of_now(const Arguments& arguments, const std::filesystem::path& store, bool content_trust,
                         std::optional<policy::Policy> policy);

/// Reads the policy file, the serials and the clock again. A clock that was set back meanwhile gives nothing back.
void renew_gate(Desk& desk);
/// Before something is judged: what was read or asked some seconds ago is read and asked again.
void renew_when_old(Desk& desk);

/// The right to commit. While it lives no other run commits into this store; its gate is that of now.
struct Turn {
  ClockFile clock;
  ClockFile::Lock lock;
  store::StoreLock of_store;  ///< long checks and removals have been waited for as well
};
/// Waits for others, then renews the gate.
Turn take_turn(Desk& desk);

/// A decision on its way to a commit, with all that its record tells.
struct Admitting {
  policy::Plan& plan;
  policy::Decision& decision;
  const policy::TrustAnswers& answers;
  policy::Circumstances& circumstances;
  /// What is judged, with its facts when the plan asks for them. Called once what is staged is whole.
  std::function<Subject(const policy::Plan&)> subject;
};

/// Records that nothing came of it after all. That somebody interrupted it is no judgement, and is not recorded.
void record_failure(const Desk& desk, const Admitting& admitting, const Error& error);

/// What is done between the decision and the commit: its failure is recorded.
template <class Work>
auto recording(const Desk& desk, const Admitting& admitting, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (error.fault() != Fault::interrupted) record_failure(desk, admitting, error);
    throw;
  }
}

/// Before a decision is told.
void judge_again_when_old(Desk& desk, const Admitting& admitting);
/// The trust data that the plan asks for. Their server may be slow: the gate is that of after its answer, and the plan
/// is made anew by it.
const policy::TrustAnswers& answer_now(Desk& desk, policy::Plan& plan);
/// What is written between the judgement and the commit may have to wait, for the file of the records or for the disk.
/// Whether that took so long that all of it has to be judged and recorded again, by the gate that is then renewed.
bool renew_when_late(Desk& desk, const Turn& turn, int round);
/// Before something rests on a decision without a commit: by the policy and by all that is remembered now, and when it
/// is old by the trust server, too. Throws the refusal, recorded, also when what is admitted now is not what was told,
/// or only within a lower limit.
void require_still_admitted(Desk& desk, const Admitting& admitting, const Subject& told);
/// The same of several, on all of which something rests: none was judged long before the last.
void require_still_admitted(Desk& desk, std::span<const Admitting> all, std::span<const Subject> told);
/// The same of what is in the store already, with the right to commit: others may have been waited for.
Turn require_still_admitted_in_turn(Desk& desk, const Admitting& admitting);
/// Fault::refused when `now`, what is admitted, is not what was told, or may inflate to less.
void require_same(const policy::Plan& plan, const Subject& told, const Subject& now);

/// Into the store, after it was judged again; the record of the decision, the policy's serial and the time into memory
/// first. Spends the approval. Throws the refusal, recorded, of what is not admitted any more. When the commit fails
/// after all, that is recorded, too.
void commit(Desk& desk, const store::Staged& staged, const Admitting& admitting);

}  // namespace hallmark::cmd
