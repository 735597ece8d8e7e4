// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/archive_evidence.h"

#include "cmd/state/remembered_source.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Files of the archive, then those that are remembered. None of them is believed.
class ArchiveSource final : public trust::EvidenceSource {
 public:
  ArchiveSource(const std::map<std::string, Bytes>* files, const trust::TrustedMetadata& memory,
                const trust::MemoryRules& rules)
      : files_(files), remembered_(memory, rules, Place::archive) {}

  [[nodiscard]] Place place() const override { return Place::archive; }
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override {
    using Kind = trust::MetadataReply::Kind;
    const Bytes* const bytes = files_ == nullptr ? nullptr : in_archive(wanted);
    if (bytes == nullptr) {
      trust::MetadataReply reply = remembered_.metadata(wanted);
      // People are told of the archive, since that is where the file can be added.
      if (reply.kind == Kind::missing) reply.detail = "it is not in the archive";
      return reply;
    }
    // Final: what is too large is not made up for by what is remembered.
    if (bytes->size() > wanted.limit) {
      return {Kind::rejected, {}, Fault::corrupt, "the file in the archive is over its limit", {}, true};
    }
    return {Kind::found, *bytes, Fault::unavailable, {}};
  }
  trust::AttachedReply attached(const Digest& subject, const trust::Attachment& wanted) override {
    return remembered_.attached(subject, wanted);
  }

 private:
  /// By its exact name, or by that of its role: what the hash in a name promises is checked by who asked for it. Of
  /// "2.root.json" the exact name counts.
  [[nodiscard]] const Bytes* in_archive(const trust::MetadataFile& wanted) const {
    const auto exact = files_->find(wanted.file);
    if (exact != files_->end()) return &exact->second;
    const bool is_numbered = wanted.role == "root" && wanted.file.ends_with(".root.json");
    const auto by_role = files_->find(wanted.role + ".json");
    return is_numbered || by_role == files_->end() ? nullptr : &by_role->second;
  }

  const std::map<std::string, Bytes>* files_;
  RememberedSource remembered_;
};

}  // namespace

std::unique_ptr<trust::Answer> ArchiveEvidence::ask(const std::shared_ptr<const trust::Question>& question,
                                                    bool with_archive) {
  KnownTrust before = memory_.load(*question);
  const trust::Collection& collection = question->asked_collection();
  const auto files = trust_.find(collection.name);
  // Where the archive has nothing of a collection its time of packing counts for nothing: memory must be good now.
  const bool is_carried = with_archive && files != trust_.end();
  ArchiveSource source(is_carried ? &files->second : nullptr, before.memory, collection.rules);
  std::unique_ptr<trust::Answer> answer = question->ask(source, before.memory, nullptr, is_carried ? packed_ : now_);
  // Only what was learned with the archive is ever saved; memory alone has nothing to teach itself.
  if (with_archive) asked_.insert_or_assign(question->key(), Asked{question, std::move(before)});
  return answer;
}

const policy::Answers& ArchiveEvidence::before_digest(const policy::Plan& plan) {
  for (const auto& question : plan.questions()) {
    if (question->needs_digest() || answers_.contains(question->key())) continue;
    answers_.emplace(question->key(), ask(question, true));
  }
  return answers_;
}

const policy::Answers& ArchiveEvidence::from_memory(const policy::Plan& plan) {
  for (const auto& question : plan.questions()) {
    if (question->needs_digest() || remembered_.contains(question->key())) continue;
    remembered_.emplace(question->key(), ask(question, false));
  }
  return remembered_;
}

void ArchiveEvidence::about(const policy::Plan& plan, const Subject& subject) {
  KeptEvidence source(subject.digest, about_);
  for (const auto& question : plan.questions()) {
    if (!question->needs_digest()) continue;
    // Whichever of the two sets the caller decides by needs what is attached as well.
    for (policy::Answers* answers : {&answers_, &remembered_}) {
      answers->insert_or_assign(question->answer_key(plan.name(), subject.digest),
                                ask_about(*question, source, subject, packed_));
    }
  }
}

bool ArchiveEvidence::is_older(const policy::Plan& plan) {
  const policy::Answers& answers = before_digest(plan);
  for (const auto& question : plan.questions()) {
    if (!question->needs_digest() && answers.at(question->key())->is_older()) return true;
  }
  return false;
}

void ArchiveEvidence::ask_again(Time packed, Time now) {
  packed_ = packed;
  now_ = now;
  answers_.clear();
  remembered_.clear();
  asked_.clear();
}

void ArchiveEvidence::remember() const {
  for (const auto& [key, asked] : asked_) {
    // A refusal has learned nothing that may be remembered.
    const trust::TrustedMetadata* learned = answers_.at(key)->learned();
    if (learned != nullptr) memory_.save(asked.question->asked_collection(), asked.before, *learned);
  }
}

std::vector<std::string> ArchiveEvidence::warnings() const {
  std::vector<std::string> lines;
  for (const auto& [key, answer] : answers_) {
    lines.insert(lines.end(), answer->warnings().begin(), answer->warnings().end());
  }
  return lines;
}

}  // namespace hallmark::cmd
