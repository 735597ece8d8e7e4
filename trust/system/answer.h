// SPDX-License-Identifier: Apache-2.0
//
// What a trust system found out about a question. Only the system that was asked makes one, and only it looks inside.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trust/bytes.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/system/trusted_metadata.h"
#include "trust/time.h"

namespace hallmark::trust {

/// Why there is nothing to judge by.
struct Refusal {
  Fault fault;
  std::string detail;  ///< expected and found, one line
  std::string hint;
};

/// When something that the answer rests on ends.
struct Expiry {
  std::string collection;
  std::string role;
  std::int64_t version;
  Time expires;
  std::optional<std::int64_t> seen;  ///< the highest version that this machine knows
};

/// One answer serves every requirement that asks the question; it does not change once it is made.
class Answer {
 public:
  virtual ~Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  /// Absent when there is something to judge by.
  [[nodiscard]] virtual std::optional<Refusal> refusal() const = 0;
  /// Whether it was refused because it is older than what this machine knows.
  [[nodiscard]] virtual bool is_older() const { return false; }
  /// What is to be remembered; nullptr for systems that remember nothing, and when it was refused.
  [[nodiscard]] virtual const TrustedMetadata* learned() const { return nullptr; }
  /// The ends of all that it rests on. Empty when it was refused, and when nothing of it ends.
  [[nodiscard]] virtual std::vector<Expiry> expiries() const { return {}; }
  /// Files of the collection that it rests on, by name: a source that has them gives another machine the same answer.
  /// Empty when it was refused, and for systems whose evidence is attached to the image.
  [[nodiscard]] virtual std::map<std::string, Bytes> used() const { return {}; }
  /// Its part of the record of a decision: members of an object that is begun.
  virtual void write(json::Writer& evidence) const = 0;
  /// One line for whoever wants to see whose word it is; empty when there is none.
  [[nodiscard]] virtual std::vector<std::string> trace() const { return {}; }

  /// One line each.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  /// In the place of those before.
  void warn(std::vector<std::string> warnings) { warnings_ = std::move(warnings); }

 protected:
  Answer() = default;

 private:
  std::vector<std::string> warnings_;
};

using Answers = std::map<std::string, std::unique_ptr<Answer>, std::less<>>;  // by Question::answer_key()

}  // namespace hallmark::trust
