// SPDX-License-Identifier: Apache-2.0
//
// What a requirement asks before it can judge. It asks a source for documents, and takes the time as an argument.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "trust/digest.h"
#include "trust/error.h"
#include "trust/reference.h"
#include "trust/subject.h"
#include "trust/system/answer.h"
#include "trust/system/memory_rules.h"
#include "trust/system/source.h"
#include "trust/system/trusted_metadata.h"
#include "trust/time.h"

namespace hallmark::trust {

/// A collection of trust data: whose, where it is, and which memory is kept of it.
struct Collection {
  std::string name;                      ///< "reg.example/app"
  std::string store;                     ///< of the policy; each has a memory of its own. Empty for content trust
  const MemoryRules& rules;              ///< of the system that remembers it
  std::optional<std::string> server{};   ///< from the policy; otherwise the command's choice
  std::optional<std::string> ca_file{};  ///< whom to trust besides at the server
};

/// Whose memory a question may start from.
enum class MemoryOf {
  this_store,
  another_store  ///< of the same system: the store has another name now, or docker remembers it
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
  /// What its answer is kept under: of a question that needs a digest there is one for each name of each image.
  [[nodiscard]] std::string answer_key(const Reference& name, const std::optional<Digest>& subject) const {
    return needs_digest() && subject ? key() + " " + name.to_string() + " " + subject->to_string() : key();
  }
  /// nullptr for what has none, such as evidence that is attached to an image.
  [[nodiscard]] virtual const Collection* collection() const { return nullptr; }
  /// The same of a question that needs no digest: without a collection nobody could answer it. Fault::local then.
  [[nodiscard]] const Collection& asked_collection() const {
    if (collection() == nullptr) {
      fail(Fault::local, "question \"", key(), "\": expected a collection or the need for a digest, found neither");
    }
    return *collection();
  }
  /// Whether what is remembered of the collection may be where it starts from. Of its own store it may be told later
  /// that it does not count; a memory that does not fit at all is refused, and never taken for a first use.
  [[nodiscard]] virtual bool fits(const TrustedMetadata& /*memory*/, MemoryOf /*whose*/) const { return false; }

  /// `subject` is there for questions that need a digest. Asked again with the same documents, memory and time it
  /// answers the same. One that needs a digest is given no memory, and must not have learned anything: nobody keeps
  /// that.
  [[nodiscard]] virtual std::unique_ptr<Answer> ask(EvidenceSource& source, const TrustedMetadata& before,
                                                    const Subject* subject, Time now) const = 0;

 protected:
  Question() = default;
};

}  // namespace hallmark::trust
