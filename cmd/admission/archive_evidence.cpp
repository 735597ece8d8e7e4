// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/archive_evidence.h"

#include "cmd/state/remembered_documents.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

constexpr std::string_view kKind = "vnd.hallmark.evidence.kind";
constexpr std::string_view kGun = "vnd.hallmark.tuf.gun";
constexpr std::string_view kFileName = "tuf.io/filename";
constexpr std::uint64_t kMostDocument = std::uint64_t{4} << 20U;
/// Of all trust data in one archive: they are kept in memory.
constexpr std::uint64_t kMostEvidence = std::uint64_t{24} << 20U;
constexpr std::size_t kMostFiles = 4000;

std::string annotation(const json::Object& object, std::string_view name) {
  const json::Value* annotations = object.find("annotations");
  if (annotations == nullptr || annotations->is_null()) return {};
  const json::Value* value = annotations->object().find(name);
  return value == nullptr ? std::string() : value->string();
}

/// Adds up what is read, and stops in time.
class Reading {
 public:
  explicit Reading(const store::Archive& archive) : archive_(archive) {}

  Bytes blob(const json::Object& descriptor) {
    const Digest digest = Digest::parse(descriptor.at("digest").string());
    const std::uint64_t size = descriptor.at("size").size();
    Bytes bytes = archive_.blob(digest, size, kMostDocument);
    bytes_ += bytes.size();
    if (bytes_ > kMostEvidence || ++files_ > kMostFiles)
      fail(Fault::corrupt, "more trust data than an archive may have");
    return bytes;
  }

 private:
  const store::Archive& archive_;
  std::uint64_t bytes_ = 0;
  std::size_t files_ = 0;
};

void read_repository(const json::Object& entry, Reading& reading, BundleEvidence& evidence) {
  const json::Value value = json::parse("evidence", reading.blob(entry));
  const std::string gun = annotation(value.object(), kGun);
  if (gun.empty()) fail(Fault::corrupt, "trust data without the name of their repository");
  const auto [place, is_new] = evidence.try_emplace(gun);
  if (!is_new) fail(Fault::corrupt, "trust data of ", printable(gun, 200), " twice");
  for (const json::Value& layer : value.object().at("layers").array()) {
    const std::string file = annotation(layer.object(), kFileName);
    if (!place->second.emplace(file, reading.blob(layer.object())).second) {
      fail(Fault::corrupt, "the file ", printable(file, 200), " of ", printable(gun, 200), " twice");
    }
  }
}

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

BundleEvidence read_evidence(const store::Archive& archive) {
  BundleEvidence evidence;
  if (!archive.evidence()) return evidence;
  within("the evidence in the archive", [&] {
    Reading reading(archive);
    const json::Value value = json::parse("evidence", archive.blob(*archive.evidence(), std::nullopt, kMostDocument));
    for (const json::Value& entry : value.object().at("manifests").array()) {
      if (annotation(entry.object(), kKind) == "tuf") read_repository(entry.object(), reading, evidence);
    }
  });
  return evidence;
}

tuf::Outcome BundleTrust::ask(const policy::TrustQuestion& question, bool with_evidence) {
  KnownTrust before = memory_.load(question.question.gun, question.store, question.question.anchor);
  if (!question.question.anchor.is_pinned() && before.memory.empty()) {
    return {tuf::Refusal{"root-not-pinned",
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
    if (refusal != nullptr && refusal->code.starts_with("rollback:")) return true;
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
