// SPDX-License-Identifier: Apache-2.0
//
// A simulated trust server as trust systems ask it, and what a policy makes of its answers.
#pragma once

#include <memory>
#include <string>

#include "policy/gate.h"
#include "tests/support/tuf_repository.h"
#include "trust/tuf/policy/question.h"

namespace hallmark::test {

class TufSource final : public trust::EvidenceSource {
 public:
  explicit TufSource(TufRepository& server) : server_(server) {}

  [[nodiscard]] Place place() const override { return Place::server; }
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override { return server_.fetch(wanted); }
  trust::AttachedReply attached(const Digest& /*subject*/, const trust::Attachment& /*wanted*/) override {
    return {trust::MetadataReply::Kind::missing, {}, Fault::missing, "nothing is attached"};
  }

 private:
  TufRepository& server_;
};

/// What the question is about.
inline const tuf::Question& asked_in(const trust::Question& question) {
  return dynamic_cast<const tuf::PolicyQuestion&>(question).question();
}

inline std::unique_ptr<trust::Answer> answer_of(const trust::Question& question, TufRepository& server, Time now) {
  TufSource source(server);
  return question.ask(source, {}, nullptr, now);
}

/// An answer to a question that nobody asked.
inline std::unique_ptr<trust::Answer> answer_with(const std::string& gun, tuf::Outcome outcome) {
  return std::make_unique<tuf::PolicyAnswer>(gun, std::move(outcome));
}

}  // namespace hallmark::test
