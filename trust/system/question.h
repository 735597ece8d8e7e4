// SPDX-License-Identifier: Apache-2.0
//
// What a requirement asks before it can judge. It asks a source for documents, and takes the time as an argument.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "trust/digest.h"
#include "trust/subject.h"
#include "trust/system/answer.h"
#include "trust/system/source.h"
#include "trust/system/trusted_metadata.h"
#include "trust/time.h"

namespace hallmark::trust {

/// A collection of trust data: whose, where it is, and which memory is kept of it.
struct Collection {
  std::string name;                      ///< "reg.example/app"
  std::string store;                     ///< of the policy; each has a memory of its own. Empty for content trust
  std::optional<std::string> server{};   ///< from the policy; otherwise the command's choice
  std::optional<std::string> ca_file{};  ///< whom to trust besides at the server
};

/// Asked once for all requirements to which it is the same; each trust system knows its own kind.
class Question {
 public:
  virtual ~Question() = default;
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  /// Names it within one plan.
  [[nodiscard]] virtual const std::string& key() const = 0;
  /// Whether the other one asks the same, under whatever key.
  [[nodiscard]] virtual bool is_same(const Question& other) const = 0;
  /// Whether it can only be asked about an image whose digest is known.
  [[nodiscard]] virtual bool needs_digest() const { return false; }
  /// What its answer is kept under: of a question that needs a digest there is one for each image.
  [[nodiscard]] std::string answer_key(const std::optional<Digest>& subject) const {
    return needs_digest() && subject ? key() + " " + subject->to_string() : key();
  }
  /// nullptr for what has none, such as evidence that is attached to an image.
  [[nodiscard]] virtual const Collection* collection() const { return nullptr; }
  /// Whether what is remembered of the collection, under another store's name, may be where it starts from.
  [[nodiscard]] virtual bool fits(const TrustedMetadata& /*memory*/) const { return false; }

  /// `subject` is there for questions that need a digest. Asked again with the same documents, memory and time it
  /// answers the same.
  [[nodiscard]] virtual std::unique_ptr<Answer> ask(EvidenceSource& source, const TrustedMetadata& before,
                                                    const Subject* subject, Time now) const = 0;

 protected:
  Question() = default;
};

}  // namespace hallmark::trust
