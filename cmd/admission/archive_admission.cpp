// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/archive_admission.h"

#include <algorithm>
#include <ostream>

#include "cmd/admission/records.h"
#include "cmd/terminal/transfer_line.h"
#include "policy/record.h"
#include "store/archive/carried_evidence.h"
#include "store/archive/left_out.h"
#include "store/archive/stored_manifest.h"
#include "store/image/image_facts.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// What an image is called that its archive does not name: the policy is asked about this.
constexpr const char* kUnnamed = "localhost/unnamed";

std::vector<Reference> names_of(const store::ArchiveImage& image) {
  if (!image.names.empty()) return image.names;
  return {Reference::parse(kUnnamed).at_digest(image.root.descriptor.digest)};
}

Decided decided(const JudgedName& name) { return {name.plan, name.decision, *name.answers, name.circumstances}; }

/// What the manifests say; the DiffIDs are absent.
std::vector<policy::Instance> instances_of(const store::ArchiveImage& image) {
  std::vector<policy::Instance> instances;
  for (std::size_t i = 0; i < image.chosen.size(); ++i) {
    instances.push_back(instance_of(image.chosen[i], image.manifests.at(i)));
  }
  return instances;
}

}  // namespace

Loading::Loading(Desk& desk, std::string operation, Telling telling)
    : desk_(desk),
      memory_(TrustMemory::beside(desk.store.directory(), desk.settings.docker_config)),
      clock_(desk.store.directory(), desk.gate.policy()),
      operation_(std::move(operation)),
      telling_(telling),
      staging_(desk.store.directory()),
      archive_(staging_) {
  staging_.look_meanwhile([this] {
    if (desk_.surroundings.interrupted) fail(Fault::interrupted, "interrupted");
  });
  archive_.judge_names([this](const std::vector<Reference>& names) {
    if (names.empty()) refuse_lost(Reference::parse(kUnnamed));
    for (const Reference& name : names) refuse_lost(name);
  });
}

/// A failure is recorded about the names that were judged by then.
template <class Work>
void Loading::recording(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    record_failure(error);
    throw;
  } catch (const std::exception& error) {
    record_failure(Error(Fault::local, error.what()));
    throw;
  }
}

void Loading::record_failure(const Error& error) {
  if (is_told_ || (error.fault() == Fault::interrupted && !is_promised_)) return;
  is_told_ = true;
  overturn(error);
  if (judged_.empty()) Records(desk_, operation_, telling_ == Telling::records).print_failure(std::nullopt, error);
  if (telling_ != Telling::refusals || error.fault() == Fault::refused) tell();
}

void Loading::overturn(const Error& error) {
  std::vector<Decided> overturned;
  for (JudgedName& name : judged_) {
    const bool is_anothers = taking_ != nullptr && name.image != taking_;
    if (is_anothers || (is_promised_ && is_in(desk_.store, name.plan.name, root_of(name).digest))) continue;
    policy::overturn(name.decision, error);
    overturned.push_back(decided(name));
  }
  record_only(desk_, overturned);
}

void Loading::read(ArchiveInput& input, bool quiet) {
  input.reading([&] {
    recording([&] {
      Transfer transfer(desk_.surroundings, quiet, "Reading " + input.shown(), input.size());
      archive_.read([&](std::span<std::uint8_t> buffer) { return input.read(buffer); },
                    [&](const std::vector<store::ArchiveImage>&) {
                      transfer.clear();
                      judge_early();
                    },
                    [&](std::uint64_t) { transfer.passed(input.taken()); });
    });
  });
  for (const std::string& warning : archive_.warnings()) desk_.surroundings.err << "warning: " << warning << std::endl;
  archive_.tie([&](const store::ArchiveImage& made, const Digest& config) {
    return store::stored_manifest(desk_.store, config, made);
  });
  recording([&] { judged_ = judge_all(); });
  carried_ = input.reading([&] {
    std::vector<store::EvidenceEntry> carried;
    recording([&] { carried = store::carried_evidence(archive_); });
    return carried;
  });
  for (const std::string& warning : trust_->warnings()) desk_.surroundings.err << "warning: " << warning << std::endl;
  require_approval();
}

void Loading::judge_early() {
  judged_ = judge_all();
  require_approval();
  store::require_left_out(archive_, desk_.store);
  limit_inflation();
}

void Loading::take(ArchiveInput& input) {
  input.reading([&] {
    recording([&] {
      store::require_left_out(archive_, desk_.store);
      for (const store::ArchiveImage& image : archive_.images()) take(image);
    });
  });
}

void Loading::take(const store::ArchiveImage& image) {
  taking_ = &image;
  archive_.take(image, [&](std::uint64_t) {
    if (desk_.surroundings.interrupted) fail(Fault::interrupted, "interrupted");
  });
  staged_.push_back(staging_.seal(image.root.descriptor, image.chosen));
  add_diff_ids(image);
  for (const JudgedName& name : judged_) {
    if (name.image == &image) store::check_approval(staged_of(name), name.decision.approval.value().subject());
  }
  taking_ = nullptr;
}

/// The configs were hashed: what they say may be recorded.
void Loading::add_diff_ids(const store::ArchiveImage& image) {
  std::vector<policy::Instance> instances = instances_of(image);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const store::Descriptor config = store::parse_manifest(image.manifests[i]).config;
    instances[i].diff_ids = store::parse_config(staging_.take_config(config, archive_)).diff_ids;
  }
  for (JudgedName& name : judged_) {
    if (name.image == &image) name.circumstances.instances = instances;
  }
}

void Loading::commit() {
  std::optional<Turn> turn;
  recording([&] {
    turn.emplace(take_turn(desk_));
    judge_again();
  });
  record_and_commit(*turn);
}

void Loading::renew() {
  renew_gate(desk_);
  judge_again();
}

void Loading::record(const ClockFile::Lock& lock, const store::StoreLock& of_store) {
  std::vector<Decided> admitted;
  for (const JudgedName& name : judged_) admitted.push_back(decided(name));
  record_admissions(desk_, std::move(admitted));
  is_promised_ = true;
  recording([&] {
    remember_policy(desk_, &of_store);
    trust_->remember();
    store::keep(carried_, archive_, desk_.store, of_store);
    clock_.save(time_->learned(), lock);
  });
}

/// The records have said that the commit follows: all of them are taken back when one of the names is refused now.
void Loading::judge_promised() {
  renew_time_and_trust();
  for (JudgedName& name : judged_) decide(name);
  for (const JudgedName& name : judged_) {
    if (!name.decision.approval) refuse(name.plan, name.decision);
  }
}

void Loading::record_and_commit(const Turn& turn) {
  bool is_late = true;
  for (int round = 0; is_late; ++round) {
    record(turn.lock, turn.of_store);
    recording([&] {
      is_late = renew_when_late(desk_, turn, round);
      if (is_late) judge_promised();
    });
  }
  recording([&] {
    std::vector<store::Admission> admissions;
    for (JudgedName& name : judged_) {
      admissions.push_back({&staged_of(name), std::move(name.decision.approval.value())});
    }
    desk_.store.commit(std::move(admissions), turn.of_store);
    for (JudgedName& name : judged_) name.circumstances.committed = true;
  });
}

const store::Descriptor& Loading::root_of(const JudgedName& name) const {
  return name.is_alone ? name.image->manifests.front().descriptor : name.image->root.descriptor;
}

const store::Staged& Loading::staged_of(const JudgedName& name) {
  if (name.is_alone) {
    const Digest& digest = root_of(name).digest;
    const auto sealed = alone_.find(digest);
    if (sealed != alone_.end()) return sealed->second;
    return alone_.emplace(digest, staging_.seal(root_of(name), name.image->chosen)).first->second;
  }
  return staged_.at(static_cast<std::size_t>(name.image - archive_.images().data()));
}

/// What no image may exceed is refused while it is read; each one's own limit is checked before the commit.
void Loading::limit_inflation() {
  std::uint64_t most = 0;
  for (const JudgedName& name : judged_) {
    const auto& limit = name.decision.approval.value().subject().most_uncompressed;
    if (!limit) return;
    most = std::max(most, *limit);
  }
  staging_.limit_inflation(most);
}

Subject Loading::subject_of(const JudgedName& name, const std::function<Bytes(const store::Descriptor&)>& read_config) {
  const store::ArchiveImage& image = *name.image;
  Subject subject{name.plan.name, root_of(name).digest, root_of(name).size, {}};
  for (const store::Descriptor& chosen : image.chosen) subject.instances.push_back(chosen.digest);
  subject.is_whole = name.is_alone || image.is_whole;
  if (name.is_alone) subject.index = image.root.descriptor.digest;
  if (!name.plan.asks_image) return subject;
  subject.facts = facts_of(image.manifests);
  add_configs(image.manifests, image.chosen, read_config, subject.facts);
  return subject;
}

void Loading::judge_time(Time now) {
  time_ = desk_.gate.judge_bundle(statement_ ? std::optional(statement_->envelope) : std::nullopt, clock_.load(), now);
}

void Loading::judge_again() {
  renew_time_and_trust();
  for (JudgedName& name : judged_) decide(name);
  require_approval();
}

void Loading::renew_time_and_trust() {
  clock_ = ClockFile(desk_.store.directory(), desk_.gate.policy());
  judge_time(desk_.surroundings.now);
  trust_->ask_again(time_->at(), time_->now());
}

void Loading::require_still_admitted(const JudgedName& name) {
  renew_gate(desk_);
  renew_time_and_trust();
  JudgedName again{name.image,         name.asked,   desk_.gate.plan(name.plan.name), name.subject, {}, nullptr,
                   name.circumstances, name.is_alone};
  again.subject = subject_of(again, [&](const store::Descriptor& config) { return desk_.store.read(config).bytes; });
  ask_gate(again);
  try {
    if (!again.decision.approval) refuse(again.plan, again.decision);
    require_same(again.plan, name.subject, again.decision.approval->subject());
  } catch (const Error& error) {
    if (again.decision.approval) policy::overturn(again.decision, error);
    record_only(desk_, {decided(again)});
    throw;
  }
}

void Loading::begin_judging() {
  statement_ = read_statement(archive_);
  if (trust_) return;
  judge_time(desk_.surroundings.now);
  trust_.emplace(memory_, read_evidence(archive_), time_->at(), time_->now());
}

/// Where the policy takes no digest whatever, nothing is made for it.
void Loading::refuse_lost(const Reference& name) {
  begin_judging();
  const policy::Plan plan = desk_.gate.plan(name);
  const policy::TrustAnswers& answers = trust_->answer(plan);
  const auto is_lost = [&](const policy::TrustAnswers& found) { return desk_.gate.is_lost(plan, found, time_->now()); };
  if (!is_lost(answers) || (trust_->is_older(plan) && !is_lost(trust_->answer_from_memory(plan)))) return;
  policy::Circumstances circumstances = cmd::circumstances_of(desk_, operation_);
  circumstances.archive = policy::FromArchive{{}, true, false};
  circumstances.bundle = time_;
  circumstances.now = time_->now();
  const policy::Decision decision = desk_.gate.refuse(plan, answers, time_->now());
  const Decided refused{plan, decision, answers, circumstances};
  record_only(desk_, {refused});
  is_told_ = true;
  tell(refused);
  refuse(plan, decision);
}

std::vector<JudgedName> Loading::judge_all() {
  begin_judging();
  std::vector<JudgedName> judged;
  for (const store::ArchiveImage& image : archive_.images()) {
    for (const Reference& name : names_of(image)) judged.push_back(judge(name, image));
  }
  return judged;
}

JudgedName Loading::judge(const Reference& name, const store::ArchiveImage& image) {
  JudgedName judged{&image, name,    desk_.gate.plan(name),  {name, image.root.descriptor.digest, 0, {}},
                    {},     nullptr, circumstances_of(image)};
  decide(judged);
  return judged;
}

void Loading::decide(JudgedName& name) {
  decide_as(name, name.asked, false);
  if (name.decision.is_for_instances && name.image->chosen.size() == 1) {
    const Digest& manifest = name.image->manifests.front().descriptor.digest;
    decide_as(name, name.asked.digest() ? name.asked.at_digest(manifest) : name.asked, true);
    // What is told of a refusal is about what the archive has.
    if (!name.decision.approval) decide_as(name, name.asked, false);
  }
  name.circumstances.is_of_index = name.is_alone;
  tell_top(name.decision, root_of(name), name.image->manifests.front().descriptor, name.circumstances);
  if (name.decision.approval) name.subject = name.decision.approval->subject();
}

void Loading::decide_as(JudgedName& name, const Reference& called, bool is_alone) {
  name.is_alone = is_alone;
  name.plan = desk_.gate.plan(called);
  name.subject = subject_of(name, [&](const store::Descriptor& config) {
    return name.image->is_made || name.image->is_tied
               ? staging_.take_config(config, archive_)
               : archive_.blob(config.digest, config.size, store::kMostConfigBytes);
  });
  ask_gate(name);
}

void Loading::ask_gate(JudgedName& name) {
  name.circumstances.bundle = time_;
  name.circumstances.now = time_->now();
  name.answers = &trust_->answer(name.plan);
  name.decision = desk_.gate.decide(name.plan, name.subject, *name.answers, *time_);
  if (name.decision.approval || !trust_->is_older(name.plan)) return;
  // Newer trust data that still name the image count more than older ones beside it.
  const policy::TrustAnswers& remembered = trust_->answer_from_memory(name.plan);
  policy::Decision second = desk_.gate.decide(name.plan, name.subject, remembered, *time_);
  if (!second.approval) return;
  name.answers = &remembered;
  name.decision = std::move(second);
}

policy::Circumstances Loading::circumstances_of(const store::ArchiveImage& image) const {
  policy::Circumstances circumstances = cmd::circumstances_of(desk_, operation_);
  circumstances.archive = policy::FromArchive{{}, image.is_made, image.is_tied};
  if (statement_) circumstances.archive->statement = statement_->digest;
  circumstances.media_type = image.root.descriptor.media_type;
  circumstances.digest = image.root.descriptor.digest;
  circumstances.size = image.root.descriptor.size;
  circumstances.instances = instances_of(image);
  return circumstances;
}

void Loading::tell(const Decided& told) const {
  std::ostream& out = telling_ == Telling::refusals ? desk_.surroundings.err : desk_.surroundings.out;
  const auto& [plan, decision, answers, circumstances] = told;
  out << (telling_ == Telling::records ? policy::record(desk_.gate, plan, decision, answers, circumstances) + "\n"
                                       : policy::explain(desk_.gate, plan, decision, answers, circumstances))
      << std::flush;
}

void Loading::tell() const {
  for (const JudgedName& name : judged_) {
    if (telling_ != Telling::refusals || !name.decision.approval) tell(decided(name));
  }
}

/// Tells about every name that was refused, and throws for the first.
void Loading::require_approval() {
  std::vector<Decided> refused;
  for (const JudgedName& name : judged_) {
    if (!name.decision.approval) refused.push_back(decided(name));
  }
  if (refused.empty()) return;
  record_only(desk_, refused);
  is_told_ = true;
  tell();
  refuse(refused.front().plan, refused.front().decision);
}

}  // namespace hallmark::cmd
