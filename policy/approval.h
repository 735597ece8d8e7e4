// SPDX-License-Identifier: Apache-2.0
//
// The gate's word. The store opens for nothing else, and only the gate can make one.
#pragma once

#include <memory>
#include <stdexcept>

#include "trust/subject.h"

namespace hallmark::policy {

class Gate;

/// Binds a name to a digest. Move-only, and spent when moved from.
class Approval {
 public:
  /// It can be moved and never copied: a copy would let one decision open the store twice.
  Approval(Approval&&) noexcept = default;
  Approval& operator=(Approval&&) noexcept = default;
  Approval(const Approval&) = delete;
  Approval& operator=(const Approval&) = delete;
  ~Approval() = default;

  /// std::logic_error when the approval was already spent.
  [[nodiscard]] const Subject& subject() const {
    // A mistake of the caller and nothing that comes from outside: hence no Error.
    if (subject_ == nullptr) throw std::logic_error("an approval was used twice");
    return *subject_;
  }

 private:
  // Law 1 of docs/house.md: another friend would be a second way into the store.
  friend class Gate;
  explicit Approval(Subject subject) : subject_(std::make_unique<const Subject>(std::move(subject))) {}

  std::unique_ptr<const Subject> subject_;  // a pointer so that a moved-from Approval is empty, not a copy
};

}  // namespace hallmark::policy
