// SPDX-License-Identifier: Apache-2.0
//
// A root document while it is being changed.
#pragma once

#include <string>
#include <string_view>

#include "trust/json.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/edit/serialize.h"
#include "trust/tuf/metadata.h"

namespace hallmark::tuf {

/// Members that this version does not know stay as they were.
class DraftedRoot {
 public:
  /// Without keys and roles.
  explicit DraftedRoot(const Dialect& dialect);
  /// Throws Fault::corrupt.
  DraftedRoot(const Dialect& dialect, const json::Object& content);

  /// Replaces the keys of a role. Former root keys stay listed, as Notary leaves them; others that nobody needs go.
  void assign(const std::string& role, const RoleKeys& keys);

  /// Who signs the role by this document.
  [[nodiscard]] RequiredSignatures required_signatures(std::string_view role) const;
  /// What is to be signed, with that version and end.
  [[nodiscard]] json::Value content(const SignedCommon& common) const;

 private:
  const Dialect* dialect_;
  Members others_;
  Members roles_;
  Members key_texts_;
  Root root_;
};

}  // namespace hallmark::tuf
