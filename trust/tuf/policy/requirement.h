// SPDX-License-Identifier: Apache-2.0
//
// What a policy demands of TUF trust data: that trusted roles of a repository name the image.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "trust/system/requirement.h"
#include "trust/tuf/policy/store.h"

namespace hallmark::tuf {

/// Passes for the digest and length that a role which counts has signed for the name.
class PolicyRequirement final : public trust::Requirement {
 public:
  /// Without a store it is the requirement of DOCKER_CONTENT_TRUST, which trusts on first use.
  explicit PolicyRequirement(std::shared_ptr<const Store> store) : store_(std::move(store)) {}

  std::optional<std::string> gun{};  ///< asks about another name than the reference's
  std::vector<std::string> roles{};  ///< narrows those of the store; empty if not given
  bool tag_required = false;

  [[nodiscard]] std::vector<std::shared_ptr<const trust::Question>> questions(const Reference& name) const override;
  [[nodiscard]] trust::Verdict judge(const Reference& name, const Subject* subject, std::span<const trust::Asked> asked,
                                     Time now) const override;
  [[nodiscard]] std::optional<trust::NamedDigest> resolve(const Reference& name,
                                                          std::span<const trust::Asked> asked) const override;
  [[nodiscard]] std::optional<std::vector<std::string>> tags(std::span<const trust::Asked> asked) const override;
  [[nodiscard]] bool covers_content_trust() const override { return true; }
  [[nodiscard]] std::string words() const override;
  [[nodiscard]] std::set<std::string> certain_signers() const override;
  [[nodiscard]] std::string fault_in(const std::string& scope) const override;

 private:
  [[nodiscard]] std::string gun_of(const Reference& name) const { return gun.value_or(name.gun()); }
  /// The roles whose word counts, in their order.
  [[nodiscard]] std::vector<std::string> roles_that_count() const;

  std::shared_ptr<const Store> store_;
};

/// {"type": "tuf", "store": ...}
std::shared_ptr<const trust::Requirement> read_requirement(const json::Object& object, const trust::Stores& stores);

}  // namespace hallmark::tuf
