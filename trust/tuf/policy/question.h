// SPDX-License-Identifier: Apache-2.0
//
// What a policy asks about the trust data of a repository, and what update() made of it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "trust/system/question.h"
#include "trust/tuf/update.h"

namespace hallmark::tuf {

/// What update() found, for verdicts, reports and records. A refusal is an answer as well.
class PolicyAnswer final : public trust::Answer {
 public:
  PolicyAnswer(std::string gun, Outcome outcome);

  [[nodiscard]] const Outcome& outcome() const { return outcome_; }
  /// nullptr when it was refused.
  [[nodiscard]] const Repository* repository() const { return std::get_if<Repository>(&outcome_.result); }
  /// nullptr when it was not.
  [[nodiscard]] const Refusal* reason() const { return std::get_if<Refusal>(&outcome_.result); }

  [[nodiscard]] std::optional<trust::Refusal> refusal() const override;
  [[nodiscard]] bool is_older() const override;
  [[nodiscard]] const trust::TrustedMetadata* learned() const override;
  [[nodiscard]] std::vector<trust::Expiry> expiries() const override;
  [[nodiscard]] std::map<std::string, Bytes> used() const override;
  [[nodiscard]] std::vector<std::string> trace() const override;
  void write(json::Writer& evidence) const override;

 private:
  std::string gun_;
  Outcome outcome_;
};

/// About the trust data of one repository, by the pin of one store.
class PolicyQuestion final : public trust::Question {
 public:
  PolicyQuestion(std::string key, trust::Collection collection, tuf::Question question)
      : key_(std::move(key)), collection_(std::move(collection)), question_(std::move(question)) {}

  [[nodiscard]] const tuf::Question& question() const { return question_; }

  [[nodiscard]] const std::string& key() const override { return key_; }
  [[nodiscard]] bool is_same(const trust::Question& other) const override;
  [[nodiscard]] const trust::Collection* collection() const override { return &collection_; }
  [[nodiscard]] bool fits(const trust::TrustedMetadata& memory, trust::MemoryOf whose) const override;
  [[nodiscard]] std::unique_ptr<trust::Answer> ask(trust::EvidenceSource& source, const trust::TrustedMetadata& before,
                                                   const Subject* subject, Time now) const override;

 private:
  std::string key_;
  trust::Collection collection_;
  tuf::Question question_;
};

/// Keys that a signature of this role may rest on: all that are listed for the root, for the role, and for those
/// between.
std::set<std::string> signers_of(const Outcome& outcome, const std::string& role);

/// All that a verified outcome rests on, by the names that the files have on a server without their hashes: a source
/// that has these, and whoever starts from nothing, come to the same repository.
std::map<std::string, Bytes> files_of(const Dialect& dialect, const Outcome& outcome);

}  // namespace hallmark::tuf
