// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/archive_admission.h"

#include <algorithm>

#include "cmd/admission/image_documents.h"
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

}  // namespace

ArchiveAdmission::ArchiveAdmission(Admission& admission, std::string operation, ArchiveListener& listener)
    : admission_(admission),
      clock_(admission.terms().store, admission.gate().policy()),
      operation_(std::move(operation)),
      listener_(listener),
      staging_(admission.store().directory()),
      archive_(staging_) {
  staging_.look_meanwhile([this] { admission_.terms().require_uninterrupted(); });
  archive_.judge_names([this](const std::vector<Reference>& names) {
    if (names.empty()) refuse_lost(Reference::parse(kUnnamed));
    for (const Reference& name : names) refuse_lost(name);
  });
}

/// A failure is recorded about the names that were judged by then.
template <class Work>
void ArchiveAdmission::recording(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    record_failure(error);
    throw;
  } catch (const std::exception& error) {
    record_failure(unforeseen(error));
    throw;
  }
}

void ArchiveAdmission::record_failure(const Error& error) {
  if (is_told_ || (error.fault() == Fault::interrupted && !is_promised_)) return;
  is_told_ = true;
  revoke(error);
  listener_.failed(judgements(), error);
}

void ArchiveAdmission::revoke(const Error& error) {
  Judgements revoked;
  for (JudgedName& name : judged_) {
    // What fails while one image is unpacked says nothing of the others.
    const bool is_anothers = taking_ != nullptr && name.image != taking_;
    const Reference& called = name.judgement.plan.name();
    if (is_anothers || (is_promised_ && admission_.is_in_store(called, root_of(name).digest))) continue;
    policy::revoke(name.judgement.decision, error);
    revoked.push_back(&name.judgement);
  }
  admission_.record(revoked);
}

void ArchiveAdmission::read(store::ArchiveInput& input) {
  input.reading([&] {
    recording([&] {
      archive_.read([&](std::span<std::uint8_t> buffer) { return input.read(buffer); },
                    [&](const std::vector<store::ArchiveImage>&) {
                      listener_.paused();
                      judge_early();
                    },
                    [&](std::uint64_t) { listener_.passed(input.taken()); });
    });
  });
  listener_.paused();
  for (const std::string& warning : archive_.warnings()) admission_.terms().notice("warning: " + warning);
  // An image without a manifest was never signed, but the store may have a signed manifest of the same config.
  archive_.match_stored_manifest([&](const store::ArchiveImage& made, const Digest& config) {
    return store::stored_manifest(admission_.store(), config, made);
  });
  recording([&] { judged_ = judge_all(); });
  carried_ = input.reading([&] {
    std::vector<store::EvidenceEntry> carried;
    recording([&] { carried = store::carried_evidence(archive_); });
    return carried;
  });
  for (const std::string& warning : trust_->warnings()) admission_.terms().notice("warning: " + warning);
  require_approval();
}

void ArchiveAdmission::judge_early() {
  judged_ = judge_all();
  require_approval();
  // Looked at again in take(): another run may remove a layer meanwhile.
  store::require_left_out(archive_, admission_.store());
  limit_inflation();
}

void ArchiveAdmission::take(store::ArchiveInput& input) {
  input.reading([&] {
    recording([&] {
      store::require_left_out(archive_, admission_.store());
      for (const store::ArchiveImage& image : archive_.images()) naming_first(image.names, [&] { take(image); });
    });
  });
}

void ArchiveAdmission::take(const store::ArchiveImage& image) {
  taking_ = &image;
  archive_.take(image, [&](std::uint64_t) { admission_.terms().require_uninterrupted(); });
  staged_.push_back(staging_.seal(image.root.descriptor, image.chosen));
  add_diff_ids(image);
  for (const JudgedName& name : judged_) {
    if (name.image == &image)
      store::check_approval(staged_of(name), name.judgement.decision.approval.value().subject());
  }
  taking_ = nullptr;
}

/// The configs were hashed: what they say may be recorded.
void ArchiveAdmission::add_diff_ids(const store::ArchiveImage& image) {
  std::vector<policy::Instance> instances = instances_of(image.chosen, image.manifests);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const store::Descriptor config = store::parse_manifest(image.manifests[i]).config;
    instances[i].diff_ids = store::parse_config(staging_.take_config(config, archive_)).diff_ids;
  }
  for (JudgedName& name : judged_) {
    if (name.image == &image) name.judgement.context.instances = instances;
  }
}

void ArchiveAdmission::commit() {
  std::optional<Turn> turn;
  recording([&] {
    turn.emplace(admission_.take_turn());
    judge_again();
  });
  record_and_commit(*turn);
}

void ArchiveAdmission::renew() {
  admission_.renew();
  judge_again();
}

void ArchiveAdmission::record(const ClockFile::Lock& lock, const store::StoreLock& of_store) {
  record_admissions(admission_.gate(), admission_.terms(), judgements());
  // From here on the records say that the commit follows, and a failure has to take that back.
  is_promised_ = true;
  recording([&] {
    admission_.remember_policy(&of_store);
    trust_->remember();
    store::keep(carried_, archive_, admission_.store(), of_store);
    clock_.save(time_->learned(), lock);
  });
}

/// The records have said that the commit follows: all of them are taken back when one of the names is refused now.
void ArchiveAdmission::judge_promised() {
  renew_time_and_trust();
  for (JudgedName& name : judged_) decide(name);
  for (const JudgedName& name : judged_) {
    if (!name.judgement.decision.approval) refuse(name.judgement);
  }
}

void ArchiveAdmission::record_and_commit(const Turn& turn) {
  bool is_late = true;
  for (int round = 0; is_late; ++round) {
    record(turn.lock, turn.of_store);
    recording([&] {
      is_late = admission_.renew_when_late(turn, round);
      if (is_late) judge_promised();
    });
  }
  recording([&] {
    std::vector<store::Admission> admissions;
    for (JudgedName& name : judged_) {
      admissions.push_back({&staged_of(name), std::move(name.judgement.decision.approval.value())});
    }
    admission_.store().commit(std::move(admissions), turn.of_store);
    for (JudgedName& name : judged_) name.judgement.context.committed = true;
  });
}

const store::Descriptor& ArchiveAdmission::root_of(const JudgedName& name) const {
  return name.is_alone ? name.image->manifests.front().descriptor : name.image->root.descriptor;
}

const store::Staged& ArchiveAdmission::staged_of(const JudgedName& name) {
  if (name.is_alone) {
    const Digest& digest = root_of(name).digest;
    const auto sealed = alone_.find(digest);
    if (sealed != alone_.end()) return sealed->second;
    return alone_.emplace(digest, staging_.seal(root_of(name), name.image->chosen)).first->second;
  }
  return staged_.at(static_cast<std::size_t>(name.image - archive_.images().data()));
}

/// What no image may exceed is refused while it is read; each one's own limit is checked before the commit.
void ArchiveAdmission::limit_inflation() {
  std::uint64_t most = 0;
  for (const JudgedName& name : judged_) {
    const auto& limit = name.judgement.decision.approval.value().subject().most_uncompressed;
    if (!limit) return;
    most = std::max(most, *limit);
  }
  staging_.limit_inflation(most);
}

Subject ArchiveAdmission::subject_of(const JudgedName& name,
                                     const std::function<Bytes(const store::Descriptor&)>& read_config) {
  const store::ArchiveImage& image = *name.image;
  Subject subject{name.judgement.plan.name(), root_of(name).digest, root_of(name).size, {}};
  for (const store::Descriptor& chosen : image.chosen) subject.instances.push_back(chosen.digest);
  subject.is_whole = name.is_alone || image.is_whole;
  if (name.is_alone) subject.index = image.root.descriptor.digest;
  if (!name.judgement.plan.asks_image()) return subject;
  subject.facts = facts_of(image.manifests);
  add_configs(image.manifests, image.chosen, read_config, subject.facts);
  return subject;
}

void ArchiveAdmission::judge_time(Time now) {
  time_ = admission_.gate().judge_bundle(statement_ ? std::optional(statement_->envelope) : std::nullopt, clock_.load(),
                                         now);
}

void ArchiveAdmission::judge_again() {
  renew_time_and_trust();
  for (JudgedName& name : judged_) decide(name);
  require_approval();
}

void ArchiveAdmission::renew_time_and_trust() {
  clock_ = ClockFile(admission_.terms().store, admission_.gate().policy());
  judge_time(admission_.now());
  trust_->ask_again(time_->at(), time_->now());
}

void ArchiveAdmission::require_still_admitted(const JudgedName& name) {
  admission_.renew();
  renew_time_and_trust();
  const policy::Judgement& told = name.judgement;
  JudgedName again{name.image,
                   name.asked,
                   {admission_.gate().plan(told.plan.name()), nullptr, {}, told.context},
                   name.subject,
                   name.is_alone};
  again.subject =
      subject_of(again, [&](const store::Descriptor& config) { return admission_.store().read(config).bytes; });
  ask_gate(again);
  policy::Judgement& judgement = again.judgement;
  try {
    if (!judgement.decision.approval) refuse(judgement);
    require_same(judgement.plan, name.subject, judgement.decision.approval->subject());
  } catch (const Error& error) {
    if (judgement.decision.approval) policy::revoke(judgement.decision, error);
    admission_.record(judgement);
    throw;
  }
}

void ArchiveAdmission::begin_judging() {
  statement_ = read_statement(archive_);
  if (trust_) return;
  judge_time(admission_.now());
  trust_.emplace(
      admission_.gatherer().memory(), store::carried_trust(archive_),
      [this](const Digest& subject) { return store::carried_about(archive_, subject); }, time_->at(), time_->now());
}

/// Where the policy takes no digest whatever, nothing is made for it.
void ArchiveAdmission::refuse_lost(const Reference& name) {
  begin_judging();
  policy::Judgement judgement = admission_.begin(name, operation_);
  const policy::Plan& plan = judgement.plan;
  judgement.answers = &trust_->before_digest(plan);
  const auto cannot_pass = [&](const policy::Answers& found) {
    return admission_.gate().cannot_pass(plan, found, time_->now());
  };
  // Lost by both: this machine may know newer trust data than the archive carries.
  if (!cannot_pass(*judgement.answers) || (trust_->is_older(plan) && !cannot_pass(trust_->from_memory(plan)))) return;
  judgement.context.archive = policy::ArchiveOrigin{{}, true, false};
  judgement.context.bundle = time_;
  judgement.context.now = time_->now();
  judgement.decision = admission_.gate().refuse(plan, *judgement.answers, *time_);
  admission_.record(judgement);
  is_told_ = true;
  listener_.refused({&judgement});
  refuse(judgement);
}

std::vector<JudgedName> ArchiveAdmission::judge_all() {
  begin_judging();
  std::vector<JudgedName> judged;
  for (const store::ArchiveImage& image : archive_.images()) {
    for (const Reference& name : names_of(image)) judged.push_back(judge(name, image));
  }
  return judged;
}

JudgedName ArchiveAdmission::judge(const Reference& name, const store::ArchiveImage& image) {
  JudgedName judged{&image, name, admission_.begin(name, operation_), {name, image.root.descriptor.digest, 0, {}}};
  tell_archive(image, judged.judgement.context);
  decide(judged);
  return judged;
}

void ArchiveAdmission::decide(JudgedName& name) {
  policy::Judgement& judgement = name.judgement;
  decide_as(name, name.asked, false);
  if (judgement.decision.is_for_instances && name.image->chosen.size() == 1) {
    const Digest& manifest = name.image->manifests.front().descriptor.digest;
    // By its own digest: that of the index would name other bytes.
    decide_as(name, name.asked.digest() ? name.asked.at_digest(manifest) : name.asked, true);
    // What is told of a refusal is about what the archive has.
    if (!judgement.decision.approval) decide_as(name, name.asked, false);
  }
  judgement.context.is_of_index = name.is_alone;
  tell_top(judgement.decision, root_of(name), name.image->manifests.front().descriptor, judgement.context);
  if (judgement.decision.approval) name.subject = judgement.decision.approval->subject();
}

void ArchiveAdmission::decide_as(JudgedName& name, const Reference& called, bool is_alone) {
  name.is_alone = is_alone;
  name.judgement.plan = admission_.gate().plan(called);
  name.subject = subject_of(name, [&](const store::Descriptor& config) {
    return name.image->manifest_is_synthesized || name.image->matches_stored_manifest
               ? staging_.take_config(config, archive_)
               : archive_.blob(config.digest, config.size, store::kMostConfigBytes);
  });
  ask_gate(name);
}

void ArchiveAdmission::ask_gate(JudgedName& name) {
  policy::Judgement& judgement = name.judgement;
  const policy::Gate& gate = admission_.gate();
  judgement.context.bundle = time_;
  judgement.context.now = time_->now();
  judgement.answers = &trust_->before_digest(judgement.plan);
  trust_->about(judgement.plan, name.subject);
  judgement.decision = gate.decide(judgement.plan, name.subject, *judgement.answers, *time_);
  if (judgement.decision.approval || !trust_->is_older(judgement.plan)) return;
  // Newer trust data that still name the image count more than older ones beside it.
  const policy::Answers& remembered = trust_->from_memory(judgement.plan);
  policy::Decision second = gate.decide(judgement.plan, name.subject, remembered, *time_);
  if (!second.approval) return;
  judgement.answers = &remembered;
  judgement.decision = std::move(second);
}

void ArchiveAdmission::tell_archive(const store::ArchiveImage& image, policy::DecisionContext& context) const {
  context.archive = policy::ArchiveOrigin{{}, image.manifest_is_synthesized, image.matches_stored_manifest};
  if (statement_) context.archive->statement = statement_->digest;
  context.media_type = image.root.descriptor.media_type;
  context.digest = image.root.descriptor.digest;
  context.size = image.root.descriptor.size;
  context.instances = instances_of(image.chosen, image.manifests);
}

Judgements ArchiveAdmission::judgements() const {
  Judgements judgements;
  for (const JudgedName& name : judged_) judgements.push_back(&name.judgement);
  return judgements;
}

/// Tells about every name that was refused, and throws for the first.
void ArchiveAdmission::require_approval() {
  Judgements refused;
  for (const JudgedName& name : judged_) {
    if (!name.judgement.decision.approval) refused.push_back(&name.judgement);
  }
  if (refused.empty()) return;
  admission_.record(refused);
  is_told_ = true;
  listener_.refused(judgements());
  refuse(*refused.front());
}

}  // namespace hallmark::cmd
