// SPDX-License-Identifier: Apache-2.0
//
// A targets document, the top one or a delegation's, while it is being changed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/digest.h"
#include "trust/json.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/edit/serialize.h"
#include "trust/tuf/metadata.h"

namespace hallmark::tuf {

/// What a name is to stand for.
struct NewTarget {
  std::uint64_t length;
  std::vector<Digest> digests;
  /// For the publisher's own tools; readers pass over it.
  std::optional<json::Value> custom;
};

/// A change of a delegation; what is not said stays. Lists are applied in this order.
struct DelegationChange {
  std::vector<std::string> removed_keys;  ///< canonical ids
  std::vector<ListedKey> added_keys;
  std::vector<std::string> removed_paths;
  std::vector<std::string> added_paths;
  std::optional<std::int64_t> threshold;
};

/// Members that this version does not know stay as they were.
class DraftedTargets {
 public:
  /// Without targets and delegations.
  DraftedTargets(const Dialect& dialect, std::string role);
  /// Throws Fault::corrupt.
  DraftedTargets(const Dialect& dialect, std::string role, const json::Object& content);

  /// Fault::usage for a name that is empty or not clean, and without a sha256 digest.
  void set(const std::string& name, const NewTarget& target);
  /// False when there was none.
  bool remove(const std::string& name);

  [[nodiscard]] bool delegates_to(std::string_view role) const;
  /// Makes the delegation when there is none, with the threshold 1. Fault::usage for a role that cannot be delegated
  /// to.
  void change(const std::string& role, const DelegationChange& change);
  /// False when there was none.
  bool remove_delegation(std::string_view role);
  [[nodiscard]] std::vector<std::string> delegations() const;
  /// Who signs the delegation by this document.
  [[nodiscard]] RequiredSignatures required_signatures(std::string_view role) const;

  /// What is to be signed, with that version and end.
  [[nodiscard]] json::Value content(const SignedCommon& common) const;

 private:
  /// With what else stood in its entry.
  struct Drafted {
    Members others;
    Delegation delegation;
  };

  [[nodiscard]] const Drafted* find(std::string_view role) const;
  Drafted& make(const std::string& role);
  void forget_unused_keys();
  [[nodiscard]] json::Value delegations_value() const;

  const Dialect* dialect_;
  std::string role_;
  Members others_;
  Members targets_;
  Members delegations_others_;
  Members key_texts_;
  Keys keys_;
  std::vector<Drafted> delegations_;
};

}  // namespace hallmark::tuf
