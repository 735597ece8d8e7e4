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
  Approval(Approval&&) noexcept = default;
  Approval& operator=(Approval&&) noexcept = default;
  Approval(const Approval&) = delete;
  Approval& operator=(const Approval&) = delete;
  ~Approval() = default;

  /// std::logic_error when the approval was already spent.
  [[nodiscard]] const Subject& subject() const {
    if (subject_ == nullptr) throw std::logic_error("an approval was used twice");
    return *subject_;
  }

 private:
  friend class Gate;
  explicit Approval(Subject subject) : subject_(std::make_unique<const Subject>(std::move(subject))) {}

  std::unique_ptr<const Subject> subject_;  // a pointer so that a moved-from Approval is empty, not a copy
};

}  // namespace hallmark::policy
