// SPDX-License-Identifier: Apache-2.0
//
// What a policy demands of a trust system.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "trust/digest.h"
#include "trust/reference.h"
#include "trust/subject.h"
#include "trust/system/answer.h"
#include "trust/system/question.h"
#include "trust/system/verdict.h"
#include "trust/time.h"

namespace hallmark::trust {

/// What somebody who is trusted calls by a name.
struct NamedDigest {
  Digest digest;
  std::uint64_t size;
  std::vector<Digest> other_digests;  ///< of the same bytes; all must fit too
};

/// A question with what was answered; nullptr when it never was.
struct Asked {
  const Question* question;
  const Answer* answer;
};

/// Read with the policy and judged as often as somebody asks: also once more, right before a commit.
class Requirement {
 public:
  virtual ~Requirement() = default;
  Requirement(const Requirement&) = delete;
  Requirement& operator=(const Requirement&) = delete;

  /// None when it can be judged, or must fail, without one.
  [[nodiscard]] virtual std::vector<std::shared_ptr<const Question>> questions(const Reference& name) const = 0;
  /// Pure. `subject` is nullptr when no digest is known yet: what cannot be said then is `skipped`.
  [[nodiscard]] virtual Verdict judge(const Reference& name, const Subject* subject, std::span<const Asked> asked,
                                      Time now) const = 0;

  /// What the name is; only systems that sign names can tell.
  [[nodiscard]] virtual std::optional<NamedDigest> resolve(const Reference& /*name*/,
                                                           std::span<const Asked> /*asked*/) const {
    return std::nullopt;
  }
  /// The tags that are signed; absent for systems that do not sign names.
  [[nodiscard]] virtual std::optional<std::vector<std::string>> tags(std::span<const Asked> /*asked*/) const {
    return std::nullopt;
  }
  /// Whether it asks what DOCKER_CONTENT_TRUST asks, which then adds nothing.
  [[nodiscard]] virtual bool covers_content_trust() const { return false; }

  /// What it asks, for whoever reviews a policy: "signed by targets/alice of shop". Empty: type and store say it all.
  [[nodiscard]] virtual std::string words() const { return {}; }
  /// What each pass rests on, whatever the image: two that have one of these in common are one signer at most.
  [[nodiscard]] virtual std::set<std::string> certain_signers() const { return {}; }
  /// Why it can pass for no name inside the scope; empty when it may.
  [[nodiscard]] virtual std::string fault_in(const std::string& /*scope*/) const { return {}; }

 protected:
  Requirement() = default;
};

}  // namespace hallmark::trust
