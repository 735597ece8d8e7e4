// SPDX-License-Identifier: Apache-2.0
//
// What --json prints of decisions: a record for each name that was asked, also when nothing came that could be judged.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "cmd/admission/admission.h"
#include "cmd/admission/decision_log.h"
#include "trust/error.h"
#include "trust/reference.h"

namespace hallmark::cmd {

class Records {
 public:
  /// Without --json it prints nothing.
  Records(const Desk& desk, std::string operation, bool is_wanted)
      : desk_(desk), operation_(std::move(operation)), is_wanted_(is_wanted) {}

  [[nodiscard]] bool is_wanted() const { return is_wanted_; }

  void print(const Decided& decided);

  /// Nothing is known of it but why. The name is absent when an archive could not be read so far that it had one.
  void print_failure(const std::optional<Reference>& name, const Error& error);

  /// The work about one name. When an error leaves it that no record was printed about, the record tells the error.
  /// That somebody interrupted it is no judgement.
  template <class Work>
  decltype(auto) attempt(const std::optional<Reference>& name, Work&& work) {
    const std::size_t before = printed_;
    try {
      return std::forward<Work>(work)();
    } catch (const Error& error) {
      if (printed_ == before && error.fault() != Fault::interrupted) print_failure(name, error);
      throw;
    }
  }

 private:
  const Desk& desk_;
  std::string operation_;
  bool is_wanted_;
  std::size_t printed_ = 0;
};

}  // namespace hallmark::cmd
