// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/evidence_gatherer.h"

#include "cmd/state/remembered_source.h"
#include "registry/metadata/notary.h"
#include "registry/oci/file_url.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Within it an answer from the same memory is not computed again: nothing but the time could have changed it.
constexpr std::chrono::seconds kMoment{1};

/// The trust server of a collection, as systems ask it.
class ServerSource final : public trust::EvidenceSource {
 public:
  ServerSource(registry::TrustServer& server, bool is_folder) : server_(server), is_folder_(is_folder) {}

  [[nodiscard]] Place place() const override { return is_folder_ ? Place::folder : Place::server; }
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override { return server_.fetch(wanted); }
  trust::AttachedReply attached(const Digest& /*subject*/, const trust::Attachment& /*wanted*/) override {
    return {trust::MetadataReply::Kind::missing, {}, Fault::missing, "a trust server has nothing of images"};
  }

 private:
  registry::TrustServer& server_;
  bool is_folder_;
};

}  // namespace

EvidenceGatherer::EvidenceGatherer(registry::Settings settings, TrustedMetadataStore memory,
                                   std::function<Time()> clock, OpenTrustServer open)
    : settings_(std::move(settings)), memory_(std::move(memory)), clock_(std::move(clock)), open_(std::move(open)) {}

const policy::Answers& EvidenceGatherer::before_digest(const policy::Plan& plan, Time now) {
  for (const auto& question : plan.questions()) {
    if (question->needs_digest() || answers_.contains(question->key())) continue;
    const trust::EvidenceSource::Place place = ask(*question, plan.name(), now);
    // The clock is asked after the answer: what was slow to come is no older than its arrival.
    asked_.insert_or_assign(question->key(), Asked{question, place, now, clock_()});
  }
  return answers_;
}

trust::EvidenceSource::Place EvidenceGatherer::ask(const trust::Question& question, const Reference& name, Time now) {
  const trust::Collection& collection = question.asked_collection();
  const std::string address = registry::trust_server_for(name, collection.server.value_or(settings_.trust_server));
  registry::TrustServer& server = server_of(collection, name, address);
  // The limit of time is for all files of this question, also on a connection that was opened for an earlier one.
  server.begin_question();
  const KnownTrust before = memory_.load(question);
  ServerSource source(server, registry::is_file_url(address));
  std::unique_ptr<trust::Answer> answer = question.ask(source, before.memory, nullptr, now);
  for (const std::string& warning : answer->warnings()) warn("warning: " + warning);
  if (const trust::TrustedMetadata* learned = answer->learned()) {
    if (settings_.trace) {
      for (const std::string& line : answer->trace()) settings_.trace(line);
    }
    try {
      memory_.save(collection, before, *learned);
    } catch (const Error& error) {
      // The judgement stands; that it will not be remembered must be said, since rollback protection rests on it.
      unremembered_ = std::string("trust data cannot be remembered: ") + error.what();
      warn("warning: " + *unremembered_);
    }
  }
  answers_.insert_or_assign(question.key(), std::move(answer));
  return source.place();
}

void EvidenceGatherer::ask_about(const policy::Plan& plan, const Subject& subject, trust::EvidenceSource* source,
                                 Time now) {
  std::optional<KnownSource> known;
  for (const auto& question : plan.questions()) {
    if (!question->needs_digest()) continue;
    // Made when there is a question: other policies read nothing of what is kept.
    if (!known) known.emplace(attached_[{plan.name().gun(), subject.digest}], source);
    std::unique_ptr<trust::Answer> answer = cmd::ask_about(*question, *known, subject, now);
    for (const std::string& warning : answer->warnings()) warn("warning: " + warning);
    answers_.insert_or_assign(question->answer_key(plan.name(), subject.digest), std::move(answer));
  }
}

void EvidenceGatherer::about(const policy::Plan& plan, const Subject& subject, trust::EvidenceSource& source,
                             Time now) {
  ask_about(plan, subject, &source, now);
}

void EvidenceGatherer::about_again(const policy::Plan& plan, const Subject& subject, Time now) {
  ask_about(plan, subject, nullptr, now);
}

std::vector<store::Evidence> EvidenceGatherer::from_registry(const Reference& name, const Digest& subject) const {
  const auto known = attached_.find({name.gun(), subject});
  return known == attached_.end() ? std::vector<store::Evidence>() : known->second.from_registry();
}

void EvidenceGatherer::forget_older_than(Time oldest) {
  for (const auto& [key, asked] : asked_) {
    if (asked.since < oldest) answers_.erase(key);
  }
}

registry::TrustServer& EvidenceGatherer::server_of(const trust::Collection& collection, const Reference& name,
                                                   const std::string& address) {
  // With the authorities: a connection that one collection trusts by a CA of its own is not another collection's.
  const std::string key = address + "\n" + collection.ca_file.value_or("") + "\n" + collection.name;
  std::unique_ptr<registry::TrustServer>& server = servers_[key];
  if (!server) server = open_(settings_, name, collection.name, address, collection.ca_file);
  return *server;
}

void EvidenceGatherer::before_digest_again(const policy::Plan& plan, Time now) {
  for (const auto& question : plan.questions()) {
    const auto answered = answers_.find(question->key());
    // A server that refuses, or cannot be asked, is not made good by what it said before.
    const trust::TrustedMetadata* learned = answered == answers_.end() ? nullptr : answered->second->learned();
    if (learned == nullptr) continue;
    const trust::TrustedMetadata known = memory_.load(*question).memory;
    // The same was asked a moment ago, with the same pins, and nobody has learned anything since.
    const Asked& asked = asked_.at(question->key());
    const bool is_same =
        asked.question->is_same(*question) && known.versions == learned->versions && known.files == learned->files;
    if (is_same && now - asked.at < kMoment) continue;
    // The newer of the two: another run may have been shown more than this one was.
    const trust::MemoryRules& rules = question->asked_collection().rules;
    const bool is_known_newer = rules.revision(known.versions) > rules.revision(learned->versions);
    RememberedSource source(is_known_newer ? known : *learned, rules, asked.place);
    std::unique_ptr<trust::Answer> answer = question->ask(source, known, nullptr, now);
    answer->warn(answered->second->warnings());
    answered->second = std::move(answer);
  }
}

void EvidenceGatherer::require_remembered() const {
  if (!unremembered_) return;
  throw Error(Fault::local, *unremembered_, "nothing comes in that a later run would not know of: mend the folder");
}

void EvidenceGatherer::warn(const std::string& line) {
  if (warned_.insert(line).second) settings_.notice(line);
}

}  // namespace hallmark::cmd
