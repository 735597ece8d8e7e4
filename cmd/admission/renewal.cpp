// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/renewal.h"

#include <algorithm>
#include <span>

#include "cmd/admission/decision_log.h"
#include "cmd/admission/desk.h"

namespace hallmark::cmd {
namespace {

/// A judgement that is older than this is made anew before it is told or acted upon. Within it one answer of a trust
/// server serves several names.
constexpr std::chrono::seconds kOld{5};

/// What is waited for is kept, so that a second round is quick: who needs as many is made to wait on purpose, or
/// changes the policy all the time.
constexpr int kMostRounds = 5;

bool is_old(const Desk& desk, Time judged) { return desk.surroundings.clock() - judged >= kOld; }

void renew_time(Desk& desk) { desk.surroundings.now = std::max(desk.surroundings.now, desk.surroundings.clock()); }

void decide_again(Desk& desk, const Admitting& admitting) {
  admitting.plan = desk.gate.plan(admitting.plan.name);
  const policy::TrustAnswers& answers = desk.trust.answer_from_memory(admitting.plan);
  const Subject subject = admitting.subject(admitting.plan);
  admitting.decision = desk.gate.decide(admitting.plan, subject, answers, desk.surroundings.now);
  admitting.circumstances.now = desk.surroundings.now;
}

[[noreturn]] void fail_slow(const std::string& what) {
  throw Error(Fault::unavailable, what + " took so long each time that what was judged before had become old",
              "try again when the servers, and the disk, are quicker");
}

/// What the servers said some seconds ago, whatever was read or waited for since.
void forget_old_answers(Desk& desk) { desk.trust.forget_older_than(desk.surroundings.clock() - kOld); }

/// Their answers count for no other decision any more: each asks again for what it needs.
void forget_answers(Desk& desk) {
  renew_when_old(desk);
  desk.trust.forget();
}

/// All of them, until one pass over all was quick: the servers, of trust data and of configs, may be slow, and policy
/// and time are those after the last of their answers.
void judge_again(Desk& desk, std::span<const Admitting> all) {
  forget_old_answers(desk);
  for (int round = 0; round < kMostRounds; ++round) {
    renew_gate(desk);
    for (const Admitting& admitting : all) {
      desk.trust.answer(desk.gate.plan(admitting.plan.name));
      decide_again(desk, admitting);
    }
    renew_time(desk);
    if (!is_old(desk, desk.renewed)) return;
  }
  fail_slow("what the policy asks servers for");
}

bool has_answers(const Desk& desk, const policy::Plan& plan) {
  return std::all_of(plan.questions.begin(), plan.questions.end(), [&](const policy::TrustQuestion& question) {
    return desk.trust.answers().contains(question.key);
  });
}

[[noreturn]] void refuse_changed(const policy::Plan& plan, const std::string& what) {
  throw Error(Fault::refused, plan.name.familiar() + ": what the policy admits of it has changed: " + what,
              "try again with the policy that is in force now");
}

/// Both are of passes.
void require_same_digest(const policy::Plan& plan, const Subject& told, const Subject& now) {
  if (now.admitted == told.admitted) return;
  refuse_changed(plan, "told was " + told.admitted->to_string() + ", now it is " + now.admitted->to_string());
}

[[noreturn]] void refuse_late(const Desk& desk, const Admitting& admitting) {
  const auto& [plan, decision, answers, circumstances, subject] = admitting;
  record_only(desk, {{plan, decision, answers, circumstances}});
  throw Error(
      decision.fault,
      plan.name.familiar() + ": it was admitted when this began, and is not any more: " + policy::summary(decision),
      policy::advice(decision));
}

/// As recording(), of an interruption when the records have said that the commit follows.
template <class Work>
bool recording_promise(const Desk& desk, const Admitting& admitting, bool is_promised, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (is_promised && error.fault() == Fault::interrupted) record_failure(desk, admitting, error);
    throw;
  }
}

struct TurnFor {
  Turn turn;
  Time oldest;  ///< answers that came before that do not count
};

/// The turn for a decision about the name. The servers may be slow: they are asked before others have to wait. Who
/// waited so long that the answers are old, or that the policy asks other questions, gives the turn away until they are
/// answered. A few times: then others have to wait. That a server was slow makes no answer old.
TurnFor take_turn_for(Desk& desk, const policy::Plan& plan) {
  for (int round = 0;; ++round) {
    const Time oldest = desk.surroundings.clock() - kOld;
    desk.trust.forget_older_than(oldest);
    desk.trust.answer(desk.gate.plan(plan.name));
    const Time answered = desk.surroundings.clock();
    Turn turn = take_turn(desk);
    const bool has_waited = is_old(desk, answered);
    if (!has_waited && has_answers(desk, desk.gate.plan(plan.name))) return {std::move(turn), oldest};
    if (round == kMostRounds) return {std::move(turn), has_waited ? desk.surroundings.clock() : oldest};
  }
}

/// While others have to wait.
void renew_gate_in_turn(Desk& desk, const Turn& turn) {
  renew_gate(desk);
  if (turn.clock.path() == ClockFile(desk.store.directory(), desk.gate.policy()).path()) return;
  throw Error(Fault::refused, "the policy has changed: it names another memory of time, whose turn is not this one",
              "try again with the policy that is in force now");
}

/// What is missing or old in spite of take_turn_for() is asked for now. A question that only the policy of after the
/// answer asks stays without one, and is refused.
void decide_in_turn(Desk& desk, const Turn& turn, Time oldest, const Admitting& admitting) {
  desk.trust.forget_older_than(oldest);
  desk.trust.answer(desk.gate.plan(admitting.plan.name));
  if (is_old(desk, desk.renewed)) renew_gate_in_turn(desk, turn);
  decide_again(desk, admitting);
}

void require_now(const Desk& desk, const Admitting& admitting, const Subject& told) {
  if (!admitting.decision.approval) refuse_late(desk, admitting);
  recording(desk, admitting, [&] { require_same(admitting.plan, told, admitting.decision.approval->subject()); });
}

/// Throws the refusal, recorded.
void judge_in_turn(Desk& desk, const TurnFor& mine, const store::Staged& staged, const Admitting& admitting,
                   const Subject& told) {
  recording(desk, admitting, [&] {
    decide_in_turn(desk, mine.turn, mine.oldest, admitting);
    desk.trust.require_remembered();
  });
  if (!admitting.decision.approval) refuse_late(desk, admitting);
  recording(desk, admitting, [&] {
    const Subject& approved = admitting.decision.approval.value().subject();
    store::check_approval(staged, approved);
    require_same_digest(admitting.plan, told, approved);
  });
}

}  // namespace

policy::Gate gate_of_now(const Arguments& arguments, const std::filesystem::path& store, bool content_trust,
                         std::optional<policy::Policy> policy) {
  policy::Remembered remembered;
  if (!arguments.truth("accept-policy-rollback", false)) remembered.serial = PolicyMemory(store).highest(policy);
  remembered.time = ClockFile(store, policy).load().high_water;
  return {std::move(policy), content_trust, remembered};
}

void renew_gate(Desk& desk) {
  renew_time(desk);
  desk.gate = gate_of_now(desk.arguments, desk.store.directory(), desk.content_trust,
                          read_policy_again(desk.arguments, desk.surroundings, desk.gate.policy()));
  if (const auto reason = desk.arguments.value("break-glass")) desk.gate.break_glass(*reason);
  desk.renewed = desk.surroundings.now;
}

void renew_when_old(Desk& desk) {
  renew_time(desk);
  forget_old_answers(desk);
  if (!is_old(desk, desk.renewed)) return;
  renew_gate(desk);
  desk.trust.forget();
}

Turn take_turn(Desk& desk) {
  while (true) {
    ClockFile clock(desk.store.directory(), desk.gate.policy());
    ClockFile::Lock lock = clock.lock();
    // Always in this order, so that nobody waits in a ring.
    store::StoreLock of_store = desk.store.lock();
    renew_gate(desk);
    // A policy that names another place since has to be waited for there.
    if (clock.path() == ClockFile(desk.store.directory(), desk.gate.policy()).path()) {
      return {std::move(clock), std::move(lock), std::move(of_store)};
    }
  }
}

void record_failure(const Desk& desk, const Admitting& admitting, const Error& error) {
  policy::overturn(admitting.decision, error);
  record_only(desk, {{admitting.plan, admitting.decision, admitting.answers, admitting.circumstances}});
}

void judge_again_when_old(Desk& desk, const Admitting& admitting) {
  if (!is_old(desk, admitting.circumstances.now)) return;
  forget_answers(desk);
  judge_again(desk, std::span(&admitting, 1));
}

const policy::TrustAnswers& answer_now(Desk& desk, policy::Plan& plan) {
  for (int round = 0; round < kMostRounds; ++round) {
    const policy::TrustAnswers& answers = desk.trust.answer(plan);
    renew_time(desk);
    if (!is_old(desk, desk.renewed)) return round == 0 ? answers : desk.trust.answer_from_memory(plan);
    renew_gate(desk);
    plan = desk.gate.plan(plan.name);
  }
  fail_slow("trust data of " + plan.name.familiar());
}

void require_still_admitted(Desk& desk, std::span<const Admitting> all, std::span<const Subject> told) {
  const auto is_one_old = [&](const Admitting& admitting) { return is_old(desk, admitting.circumstances.now); };
  try {
    if (std::any_of(all.begin(), all.end(), is_one_old)) forget_answers(desk);
    judge_again(desk, all);
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    for (const Admitting& admitting : all) record_failure(desk, admitting, error);
    throw;
  }
  for (std::size_t i = 0; i < all.size(); ++i) require_now(desk, all[i], told[i]);
}

void require_still_admitted(Desk& desk, const Admitting& admitting, const Subject& told) {
  require_still_admitted(desk, std::span(&admitting, 1), std::span(&told, 1));
}

Turn require_still_admitted_in_turn(Desk& desk, const Admitting& admitting) {
  const Subject told = admitting.decision.approval.value().subject();
  TurnFor mine = recording(desk, admitting, [&] { return take_turn_for(desk, admitting.plan); });
  recording(desk, admitting, [&] { decide_in_turn(desk, mine.turn, mine.oldest, admitting); });
  require_now(desk, admitting, told);
  return std::move(mine.turn);
}

bool renew_when_late(Desk& desk, const Turn& turn, int round) {
  if (!is_old(desk, desk.renewed)) return false;
  if (round == kMostRounds) fail_slow("the record of the decision");
  renew_gate_in_turn(desk, turn);
  return true;
}

void require_same(const policy::Plan& plan, const Subject& told, const Subject& now) {
  require_same_digest(plan, told, now);
  if (!now.most_uncompressed) return;
  // Nobody looks again at how large it is.
  if (told.most_uncompressed && *told.most_uncompressed <= *now.most_uncompressed) return;
  refuse_changed(plan, "its layers may inflate to " + std::to_string(*now.most_uncompressed) + " bytes now");
}

void commit(Desk& desk, const store::Staged& staged, const Admitting& admitting) {
  policy::Decision& decision = admitting.decision;
  const policy::Plan& plan = admitting.plan;
  const Subject told = decision.approval.value().subject();
  TurnFor mine = recording(desk, admitting, [&] {
    forget_answers(desk);
    return take_turn_for(desk, plan);
  });
  const Turn& turn = mine.turn;
  for (int round = 0;; ++round) {
    // A record that says that the commit follows is taken back whatever happens.
    const bool is_promised = round > 0 || decision.break_glass.has_value();
    const bool is_late = recording_promise(desk, admitting, is_promised, [&] {
      judge_in_turn(desk, mine, staged, admitting, told);
      record_admissions(desk, {{plan, decision, admitting.answers, admitting.circumstances}});
      return recording(desk, admitting, [&] {
        remember_policy(desk, &turn.of_store);
        turn.clock.raise(desk.surroundings.now, turn.lock);
        return renew_when_late(desk, turn, round);
      });
    });
    if (!is_late) break;
    mine.oldest = desk.surroundings.clock() - kOld;
  }
  try {
    desk.store.commit(staged, std::move(decision.approval.value()), turn.of_store);
  } catch (const Error& error) {
    if (!is_in(desk.store, plan.name, staged.root().digest)) record_failure(desk, admitting, error);
    throw;
  }
}

}  // namespace hallmark::cmd
