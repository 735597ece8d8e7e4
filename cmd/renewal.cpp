// SPDX-License-Identifier: Apache-2.0
#include "cmd/renewal.h"

#include <algorithm>

#include "cmd/admit.h"

namespace hallmark::cmd {
namespace {

/// A judgement that is older than this is made anew before it is told or acted upon. Within it one answer of a trust
/// server serves several names.
constexpr std::chrono::seconds kOld{5};

bool is_old(const Desk& desk, Time judged) { return desk.surroundings.clock() - judged >= kOld; }

void renew_time(Desk& desk) { desk.surroundings.now = std::max(desk.surroundings.now, desk.surroundings.clock()); }

void decide_again(Desk& desk, const Admitting& admitting) {
  admitting.plan = desk.gate.plan(admitting.plan.name);
  const policy::TrustAnswers& answers = desk.trust.answer_from_memory(admitting.plan);
  const Subject subject = admitting.subject(admitting.plan);
  admitting.decision = desk.gate.decide(admitting.plan, subject, answers, desk.surroundings.now);
  admitting.circumstances.now = desk.surroundings.now;
}

/// The servers may be slow: they are asked before others have to wait.
void ask_again(Desk& desk, const Admitting& admitting) {
  renew_when_old(desk);
  desk.trust.forget();
  desk.trust.answer(desk.gate.plan(admitting.plan.name));
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

void require_now(const Desk& desk, const Admitting& admitting, const Subject& told) {
  if (!admitting.decision.approval) refuse_late(desk, admitting);
  recording(desk, admitting, [&] { require_same(admitting.plan, told, admitting.decision.approval->subject()); });
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
  if (!is_old(desk, desk.renewed)) return;
  renew_gate(desk);
  desk.trust.forget();
}

Turn take_turn(Desk& desk) {
  while (true) {
    ClockFile clock(desk.store.directory(), desk.gate.policy());
    ClockFile::Lock lock = clock.lock();
    renew_gate(desk);
    // A policy that names another place since has to be waited for there.
    if (clock.path() == ClockFile(desk.store.directory(), desk.gate.policy()).path()) {
      return {std::move(clock), std::move(lock)};
    }
  }
}

void record_failure(const Desk& desk, const Admitting& admitting, const Error& error) {
  policy::overturn(admitting.decision, error);
  record_only(desk, {{admitting.plan, admitting.decision, admitting.answers, admitting.circumstances}});
}

void judge_again_when_old(Desk& desk, const Admitting& admitting) {
  if (!is_old(desk, admitting.circumstances.now)) return;
  ask_again(desk, admitting);
  decide_again(desk, admitting);
}

void require_still_admitted(Desk& desk, const Admitting& admitting, const Subject& told) {
  recording(desk, admitting, [&] {
    if (is_old(desk, admitting.circumstances.now)) ask_again(desk, admitting);
    renew_gate(desk);
    decide_again(desk, admitting);
  });
  require_now(desk, admitting, told);
}

Turn require_still_admitted_in_turn(Desk& desk, const Admitting& admitting) {
  const Subject told = admitting.decision.approval.value().subject();
  Turn turn = recording(desk, admitting, [&] { return take_turn(desk); });
  recording(desk, admitting, [&] { decide_again(desk, admitting); });
  require_now(desk, admitting, told);
  return turn;
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
  recording(desk, admitting, [&] {
    ask_again(desk, admitting);
    desk.trust.require_remembered();
  });
  const Turn turn = recording(desk, admitting, [&] { return take_turn(desk); });
  recording(desk, admitting, [&] { decide_again(desk, admitting); });
  if (!decision.approval) refuse_late(desk, admitting);
  recording(desk, admitting, [&] {
    const Subject& approved = decision.approval.value().subject();
    store::check_approval(staged, approved);
    require_same_digest(plan, told, approved);
  });
  record_admissions(desk, {{plan, decision, admitting.answers, admitting.circumstances}});
  try {
    remember_policy(desk);
    turn.clock.raise(desk.surroundings.now, turn.lock);
    desk.store.commit(staged, std::move(decision.approval.value()));
  } catch (const Error& error) {
    if (!is_in(desk.store, plan.name, staged.root().digest)) record_failure(desk, admitting, error);
    throw;
  }
}

}  // namespace hallmark::cmd
