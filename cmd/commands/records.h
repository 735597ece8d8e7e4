// SPDX-License-Identifier: Apache-2.0
//
// What is printed of decisions: with --json a record for each name that was asked, also when nothing came that could be
// judged.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>

#include "cmd/admission/admission.h"
#include "trust/error.h"
#include "trust/reference.h"

namespace hallmark::cmd {

/// With --json each name has a record, also when the work fails before a decision: a pipeline reads standard output
/// alone, and takes no line for nothing to complain about.
class Records {
 public:
  /// Without --json it prints nothing.
  Records(std::ostream& out, const Admission& admission, std::string operation, bool is_wanted)
      : out_(out), admission_(admission), operation_(std::move(operation)), is_wanted_(is_wanted) {}

  /// With --json nothing else may be printed on standard output.
  [[nodiscard]] bool is_wanted() const { return is_wanted_; }

  /// Flushed at once: a reader sees each decision when it was made, and a run that is killed has told those before.
  void print(const policy::Judgement& judgement);

  /// Throws the refusal, recorded and told, unless it was approved: as its record, or in words on `err`.
  void admit(const policy::Judgement& judgement, std::ostream& err);

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

  /// The work that a decision came to: its record is printed in the end, also when nothing came of it after all.
  template <class Work>
  void printing(const policy::Judgement& judgement, Work&& work) {
    try {
      std::forward<Work>(work)();
    } catch (const Error& error) {
      if (error.fault() != Fault::interrupted) print(judgement);
      throw;
    }
    print(judgement);
  }

 private:
  std::ostream& out_;
  const Admission& admission_;
  std::string operation_;
  bool is_wanted_;
  // So that attempt() knows whether the work told its failure itself.
  std::size_t printed_ = 0;
};

}  // namespace hallmark::cmd
