// SPDX-License-Identifier: Apache-2.0
//
// Judging again: what was read and asked before has become old, or something is going to rest on the decision.
#include <algorithm>
#include <map>
#include <span>

#include "cmd/admission/admission.h"
#include "policy/report.h"

namespace hallmark::cmd {
namespace {

/// A judgement that is older than this is made anew before it is told or acted upon. Within it one answer of a trust
/// server serves several names.
constexpr std::chrono::seconds kOld{5};

/// What is waited for is kept, so that a second round is quick: who needs as many is made to wait on purpose, or
/// changes the policy all the time.
constexpr int kMostRounds = 5;

[[noreturn]] void fail_slow(const std::string& what) {
  throw Error(Fault::unavailable, what + " took so long each time that what was judged before had become old",
              "try again when the servers, and the disk, are quicker");
}

[[noreturn]] void refuse_changed(const policy::Plan& plan, const std::string& what) {
  throw Error(Fault::refused, plan.name().familiar() + ": what the policy admits of it has changed: " + what,
              "try again with the policy that is in force now");
}

/// Both are of passes.
void require_same_digest(const policy::Plan& plan, const Subject& told, const Subject& now) {
  if (now.admitted == told.admitted) return;
  refuse_changed(plan, "told was " + told.admitted->to_string() + ", now it is " + now.admitted->to_string());
}

}  // namespace

struct Admission::TurnFor {
  Turn turn;
  Time oldest;  ///< answers that came before that do not count
};

/// By the clock of this moment: now_ stands still while something is waited for.
bool Admission::is_old(Time judged) const { return terms_.clock() - judged >= kOld; }

/// A clock that was set back meanwhile makes nothing good again that had ended.
void Admission::renew_time() { now_ = std::max(now_, terms_.clock()); }

/// What the servers said some seconds ago, whatever was read or waited for since.
void Admission::forget_old_answers() { gatherer_.forget_older_than(terms_.clock() - kOld); }

/// Their answers count for no other decision any more: each asks again for what it needs.
void Admission::forget_answers() {
  renew_when_old();
  gatherer_.forget();
}

policy::Gate Admission::gate_of_now(std::optional<policy::Policy> policy) const {
  policy::Remembered remembered;
  // Where nothing is remembered the gate has nothing to refuse an older policy by: that is what was asked for.
  if (!terms_.accepts_policy_rollback) remembered.serial = policies_.highest(policy);
  const policy::ClockMemory clock = ClockFile(terms_.store, policy).load();
  remembered.time = clock.high_water;
  remembered.time_place = clock.place;
  policy::Gate gate(std::move(policy), terms_.content_trust, remembered);
  gate.require_publisher(terms_.publisher_asked_by);
  return gate;
}

void Admission::renew() {
  renew_time();
  gate_ = gate_of_now(read_policy_again(terms_.policy, gate_.policy()));
  // The new gate has nothing waived. What the policy of now does not take any more stays shut.
  if (terms_.break_glass) gate_.break_glass(*terms_.break_glass);
  renewed_ = now_;
}

void Admission::renew_when_old() {
  renew_time();
  forget_old_answers();
  if (!is_old(renewed_)) return;
  renew();
  gatherer_.forget();
}

/// While others have to wait.
void Admission::renew_in_turn(const Turn& turn) {
  renew();
  if (turn.clock.path() == ClockFile(terms_.store, gate_.policy()).path()) return;
  // The lock in hand keeps nobody away from the other memory, where a newer bundle may be coming in right now.
  throw Error(Fault::refused, "the policy has changed: it names another memory of time, whose turn is not this one",
              "try again with the policy that is in force now");
}

Turn Admission::take_turn() {
  while (true) {
    ClockFile clock(terms_.store, gate_.policy());
    // The turn is of the memory of time, which several stores may share; the store is locked besides.
    ClockFile::Lock lock = clock.lock();
    // Always in this order, so that nobody waits in a ring.
    store::StoreLock of_store = store_.lock();
    // Whoever was waited for may have raised the clock, the serial or the versions that this run is judged by.
    renew();
    // A policy that names another place since has to be waited for there.
    if (clock.path() == ClockFile(terms_.store, gate_.policy()).path()) {
      return {std::move(clock), std::move(lock), std::move(of_store)};
    }
  }
}

bool Admission::renew_when_late(const Turn& turn, int round) {
  if (!is_old(renewed_)) return false;
  // Others wait while this goes on, and a file that is slow each time would make them wait for ever.
  if (round == kMostRounds) fail_slow("the record of the decision");
  renew_in_turn(turn);
  return true;
}

void Admission::gather(policy::Judgement& judgement) {
  judgement.answers = &gatherer_.answers();
  for (int round = 0; round < kMostRounds; ++round) {
    gatherer_.before_digest(judgement.plan, now_);
    renew_time();
    if (!is_old(renewed_)) {
      // What was answered in an earlier round was judged by the time of then.
      if (round > 0) gatherer_.before_digest_again(judgement.plan, now_);
      return;
    }
    // Another policy may have other questions, and its gate refuses a plan of the former.
    renew();
    judgement.plan = gate_.plan(judgement.plan.name());
  }
  fail_slow("trust data of " + judgement.plan.name().familiar());
}

policy::Judgement Admission::begin_now(const Reference& name, const std::string& operation) {
  renew_when_old();
  policy::Judgement judgement = begin(name, operation);
  gather(judgement);
  judgement.context.now = now_;
  return judgement;
}

void Admission::begin_again(policy::Judgement& judgement, const Reference& name) {
  renew_when_old();
  judgement.plan = gate_.plan(name);
  gather(judgement);
}

void Admission::decide_again(policy::Judgement& judgement, const SubjectOf& subject) {
  // No trust server is asked here: what it said is judged anew, beside what other runs have learned since.
  judgement.plan = gate_.plan(judgement.plan.name());
  gatherer_.before_digest_again(judgement.plan, now_);
  // The policy of now may want to know of the image what the former did not ask.
  const Subject about = subject(judgement.plan);
  gatherer_.about_again(judgement.plan, about, now_);
  decide(judgement, about);
}

/// All of them, until one pass over all was quick: the servers, of trust data and of configs, may be slow, and policy
/// and time are those after the last of their answers.
void Admission::judge_again(std::span<const Standing> all) {
  forget_old_answers();
  for (int round = 0; round < kMostRounds; ++round) {
    renew();
    for (const Standing& standing : all) {
      gatherer_.before_digest(gate_.plan(standing.judgement.plan.name()), now_);
      decide_again(standing.judgement, standing.subject);
    }
    renew_time();
    if (!is_old(renewed_)) return;
  }
  fail_slow("what the policy asks servers for");
}

void Admission::judge_again_when_old(policy::Judgement& judgement, const SubjectOf& subject) {
  if (!is_old(judgement.context.now)) return;
  forget_answers();
  const Standing standing{judgement, subject, judgement.decision.approval.value().subject()};
  judge_again(std::span(&standing, 1));
}

bool Admission::has_answers(const policy::Plan& plan) const {
  const policy::Questions& questions = plan.questions();
  return std::all_of(questions.begin(), questions.end(), [&](const auto& question) {
    // What is asked about a digest needs no server any more: what was attached is kept, and judged again.
    return question->needs_digest() || gatherer_.answers().contains(question->key());
  });
}

/// In other words than refuse(): people have seen it admitted, and must be told that this has changed.
void Admission::refuse_late(const policy::Judgement& judgement) const {
  record(judgement);
  throw Error(judgement.decision.fault,
              judgement.plan.name().familiar() +
                  ": it was admitted when this began, and is not any more: " + policy::summary(judgement.decision),
              policy::advice(judgement.decision));
}

void Admission::require_now(policy::Judgement& judgement, const Subject& told) const {
  if (!judgement.decision.approval) refuse_late(judgement);
  // An approval of other bytes than those that people were told is none of what rests on them.
  recording(judgement, [&] { require_same(judgement.plan, told, judgement.decision.approval->subject()); });
}

void Admission::require_still_admitted(std::span<const Standing> all) {
  const auto is_one_old = [&](const Standing& standing) { return is_old(standing.judgement.context.now); };
  try {
    if (std::any_of(all.begin(), all.end(), is_one_old)) forget_answers();
    judge_again(all);
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    // Nothing rests on some of them alone: what ends the judgement of one ends that of all.
    for (const Standing& standing : all) record_failure(standing.judgement, error);
    throw;
  } catch (const std::exception& error) {
    for (const Standing& standing : all) record_failure(standing.judgement, unforeseen(error));
    throw;
  }
  for (const Standing& standing : all) require_now(standing.judgement, standing.told);
}

/// The turn for a decision about the name. The servers may be slow: they are asked before others have to wait. Who
/// waited so long that the answers are old, or that the policy asks other questions, gives the turn away until they are
/// answered. A few times: then others have to wait. That a server was slow makes no answer old.
Admission::TurnFor Admission::take_turn_for(const policy::Plan& plan) {
  for (int round = 0;; ++round) {
    // From before the servers are asked: an answer is as new as this round, however slow the next server is.
    const Time oldest = terms_.clock() - kOld;
    gatherer_.forget_older_than(oldest);
    gatherer_.before_digest(gate_.plan(plan.name()), now_);
    const Time answered = terms_.clock();
    Turn turn = take_turn();
    const bool has_waited = is_old(answered);
    if (!has_waited && has_answers(gate_.plan(plan.name()))) return {std::move(turn), oldest};
    // The turn is kept now. A server that is slow on purpose could keep this run out for ever.
    if (round == kMostRounds) return {std::move(turn), has_waited ? terms_.clock() : oldest};
  }
}

/// What is missing or old in spite of take_turn_for() is asked for now. A question that only the policy of after the
/// answer asks stays without one, and is refused.
void Admission::decide_in_turn(const Turn& turn, Time oldest, policy::Judgement& judgement, const SubjectOf& subject) {
  gatherer_.forget_older_than(oldest);
  gatherer_.before_digest(gate_.plan(judgement.plan.name()), now_);
  if (is_old(renewed_)) renew_in_turn(turn);
  decide_again(judgement, subject);
}

Turn Admission::require_still_admitted_in_turn(policy::Judgement& judgement, const SubjectOf& subject) {
  const Subject told = judgement.decision.approval.value().subject();
  TurnFor mine = recording(judgement, [&] { return take_turn_for(judgement.plan); });
  recording(judgement, [&] { decide_in_turn(mine.turn, mine.oldest, judgement, subject); });
  require_now(judgement, told);
  recording(judgement, [&] {
    keep_attached(judgement.plan.name(), judgement.decision.approval->subject().digest, mine.turn.of_store);
  });
  return std::move(mine.turn);
}

/// Throws the refusal, recorded.
void Admission::judge_in_turn(const TurnFor& mine, policy::Judgement& judgement, const SubjectOf& subject,
                              const store::Staged& staged, const Subject& told) {
  recording(judgement, [&] {
    decide_in_turn(mine.turn, mine.oldest, judgement, subject);
    // Rollback protection rests on the memory: nothing comes in that a later run would not know of.
    gatherer_.require_remembered();
  });
  if (!judgement.decision.approval) refuse_late(judgement);
  recording(judgement, [&] {
    const Subject& approved = judgement.decision.approval.value().subject();
    // commit() asks the same, but after the record that says that it follows.
    store::check_approval(staged, approved);
    require_same_digest(judgement.plan, told, approved);
  });
}

/// What the judgement rests on, so that the image can be judged again without the registry.
void Admission::keep_attached(const Reference& name, const Digest& digest, const store::StoreLock& lock) {
  std::vector<store::EvidenceEntry> entries;
  std::map<Digest, Bytes> bytes;
  for (store::Evidence& evidence : gatherer_.from_registry(name, digest)) {
    entries.push_back(store::entry_of(evidence));
    for (store::Document& blob : evidence.blobs) bytes.insert_or_assign(blob.descriptor.digest, std::move(blob.bytes));
    bytes.insert_or_assign(evidence.manifest.descriptor.digest, std::move(evidence.manifest.bytes));
  }
  const auto bytes_of = [&bytes](const store::Descriptor& wanted, std::uint64_t) { return bytes.at(wanted.digest); };
  store_.keep(entries, {digest}, bytes_of, lock);
}

/// As recording(), of an interruption when the records have said that the commit follows.
template <class Work>
bool Admission::recording_promise(policy::Judgement& judgement, bool is_promised, Work&& work) const {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (is_promised && error.fault() == Fault::interrupted) record_failure(judgement, error);
    throw;
  } catch (const std::exception& error) {
    // Unless the work has recorded it.
    if (judgement.decision.approval) record_failure(judgement, unforeseen(error));
    throw;
  }
}

void require_same(const policy::Plan& plan, const Subject& told, const Subject& now) {
  require_same_digest(plan, told, now);
  if (!now.most_uncompressed) return;
  // Nobody looks again at how large it is.
  if (told.most_uncompressed && *told.most_uncompressed <= *now.most_uncompressed) return;
  refuse_changed(plan, "its layers may inflate to " + std::to_string(*now.most_uncompressed) + " bytes now");
}

void Admission::commit(policy::Judgement& judgement, const SubjectOf& subject, const store::Staged& staged) {
  const Subject told = judgement.decision.approval.value().subject();
  TurnFor mine = recording(judgement, [&] {
    // The layers may have come for hours, and whoever sent them may have wanted that.
    forget_answers();
    return take_turn_for(judgement.plan);
  });
  const Turn& turn = mine.turn;
  for (int round = 0;; ++round) {
    // A record that says that the commit follows is taken back whatever happens.
    const bool is_promised = round > 0 || judgement.decision.break_glass.has_value();
    const bool is_late = recording_promise(judgement, is_promised, [&] {
      judge_in_turn(mine, judgement, subject, staged, told);
      // A record of what did not come in can be taken back; an image without a record cannot be noticed.
      record_admissions(gate_, terms_, {&judgement});
      return recording(judgement, [&] {
        // Before the commit, too: whatever ends this run in between, the next one refuses what is older.
        remember_policy(&turn.of_store);
        turn.clock.raise(now_, turn.lock);
        keep_attached(judgement.plan.name(), staged.root().digest, turn.of_store);
        return renew_when_late(turn, round);
      });
    });
    if (!is_late) break;
    mine.oldest = terms_.clock() - kOld;
  }
  try {
    store_.commit(staged, std::move(judgement.decision.approval.value()), turn.of_store);
  } catch (const Error& error) {
    // What became visible was admitted, whatever failed after that.
    if (!is_in_store(judgement.plan.name(), staged.root().digest)) record_failure(judgement, error);
    throw;
  } catch (const std::exception& error) {
    if (!is_in_store(judgement.plan.name(), staged.root().digest)) record_failure(judgement, unforeseen(error));
    throw;
  }
}

}  // namespace hallmark::cmd
