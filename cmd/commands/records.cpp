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
    if (error.fault() == Fault::interrupted) throw;
    print(judgement);
    if (!is_wanted_) err << policy::explain(admission_.gate(), judgement);
    throw;
  }
}

void Records::print_failure(const std::optional<Reference>& name, const Error& error) {
  if (!is_wanted_) return;
  policy::Judgement judgement = admission_.begin_failed(name, operation_);
  policy::overturn(judgement.decision, error);
  print(judgement);
}

}  // namespace hallmark::cmd
