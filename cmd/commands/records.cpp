// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/records.h"

#include <ostream>

#include "policy/record.h"
#include "policy/report.h"

namespace hallmark::cmd {

void Records::print(const policy::Judgement& judgement) {
  if (!is_wanted_) return;
  ++printed_;
  out_ << policy::record(admission_.gate(), judgement) << std::endl;
}

void Records::admit(const policy::Judgement& judgement, std::ostream& err) {
  try {
    admission_.admit(judgement);
  } catch (const Error& error) {
    // Whoever interrupts has decided nothing about the image.
    if (error.fault() == Fault::interrupted) throw;
    print(judgement);
    // Each requirement and whether it passed: why not, and what to do, is in the error that follows.
    if (!is_wanted_) err << policy::refusal(admission_.gate(), judgement);
    throw;
  }
}

void Records::print_failure(const std::optional<Reference>& name, const Error& error) {
  if (!is_wanted_) return;
  policy::Judgement judgement = admission_.begin_failed(name, operation_);
  // The decision carries the fault and the code of the error, so that a failure is never printed as a pass.
  policy::revoke(judgement.decision, error);
  print(judgement);
}

}  // namespace hallmark::cmd
