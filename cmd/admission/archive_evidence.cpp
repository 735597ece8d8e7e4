// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/archive_evidence.h"

#include "cmd/state/remembered_documents.h"
#include "trust/error.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

/// Files of the archive, then those that are remembered. None of them is believed.
class BundleDocuments final : public tuf::Documents {
 public:
  BundleDocuments(const std::map<std::string, Bytes>* files, const tuf::Memory& memory)
      : files_(files), remembered_(memory) {}

  tuf::Answer fetch(const tuf::Wanted& wanted) override {
    const Bytes* const bytes = files_ == nullptr ? nullptr : in_archive(wanted);
    if (bytes == nullptr) {
      tuf::Answer answer = remembered_.fetch(wanted);
      if (answer.kind == tuf::Answer::Kind::missing) answer.detail = "it is not in the archive";
      return answer;
    }
    if (bytes->size() > wanted.limit) {
      return {tuf::Answer::Kind::rejected, {}, Fault::corrupt, "the file in the archive is over its limit"};
    }
    return {tuf::Answer::Kind::found, *bytes, Fault::unavailable, {}};
  }

 private:
  /// By its exact name, or by that of its role: what the hash in a name promises is checked by who asked for it.
  [[nodiscard]] const Bytes* in_archive(const tuf::Wanted& wanted) const {
    const auto exact = files_->find(wanted.file);
    if (exact != files_->end()) return &exact->second;
    const bool is_numbered_root = wanted.role == "root" && wanted.file != tuf::notary().file_name("root") &&
                                  wanted.file.find('.') != wanted.file.rfind('.') && !wanted.file.starts_with("root.");
    const auto by_role = files_->find(wanted.role + ".json");
    return is_numbered_root || by_role == files_->end() ? nullptr : &by_role->second;
  }

  const std::map<std::string, Bytes>* files_;
  RememberedDocuments remembered_;
};

}  // namespace

tuf::Outcome BundleTrust::ask(const policy::TrustQuestion& question, bool with_evidence) {
  KnownTrust before = memory_.load(question.question.gun, question.store, question.question.anchor);
  if (!question.question.anchor.is_pinned() && before.memory.empty()) {
    return {tuf::Refusal{tuf::Refusal::Kind::root_not_pinned, "",
                         "no policy pins a root of " + question.question.gun +
                             ", and this machine has never trusted one; an archive cannot vouch for "
                             "itself",
                         "pin the root in the policy", Fault::refused},
            {},
            {}};
  }
  const auto files = evidence_.find(question.question.gun);
  const bool is_carried = with_evidence && files != evidence_.end();
  BundleDocuments documents(is_carried ? &files->second : nullptr, before.memory);
  tuf::Outcome outcome =
      tuf::update(tuf::notary(), question.question, before.memory, documents, is_carried ? packed_ : now_);
  if (with_evidence) {
    asked_.insert_or_assign(question.key, Asked{question.question.gun, question.store, std::move(before)});
  }
  return outcome;
}

const policy::TrustAnswers& BundleTrust::answer(const policy::Plan& plan, policy::TrustAnswers& answers,
                                                bool with_evidence) {
  for (const policy::TrustQuestion& question : plan.questions) {
    if (!answers.contains(question.key)) answers.emplace(question.key, ask(question, with_evidence));
  }
  return answers;
}

const policy::TrustAnswers& BundleTrust::answer(const policy::Plan& plan) { return answer(plan, answers_, true); }
const policy::TrustAnswers& BundleTrust::answer_from_memory(const policy::Plan& plan) {
  return answer(plan, remembered_, false);
}

bool BundleTrust::is_older(const policy::Plan& plan) {
  const policy::TrustAnswers& answers = answer(plan);
  for (const policy::TrustQuestion& question : plan.questions) {
    const auto* refusal = std::get_if<tuf::Refusal>(&answers.at(question.key).result);
    if (refusal != nullptr && refusal->kind == tuf::Refusal::Kind::rollback) return true;
  }
  return false;
}

void BundleTrust::ask_again(Time packed, Time now) {
  packed_ = packed;
  now_ = now;
  answers_.clear();
  remembered_.clear();
  asked_.clear();
}

void BundleTrust::remember() const {
  for (const auto& [key, asked] : asked_) {
    const tuf::Outcome& outcome = answers_.at(key);
    if (std::holds_alternative<tuf::Repository>(outcome.result)) {
      memory_.save(asked.gun, asked.store, asked.before, outcome.learned);
    }
  }
}

std::vector<std::string> BundleTrust::warnings() const {
  std::vector<std::string> lines;
  for (const auto& [key, outcome] : answers_)
    lines.insert(lines.end(), outcome.warnings.begin(), outcome.warnings.end());
  return lines;
}

}  // namespace hallmark::cmd
