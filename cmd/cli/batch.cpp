// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/batch.h"

#include <algorithm>
#include <ostream>

#include "trust/shown.h"

namespace hallmark::cmd {

/// Texts from outside are made printable where they come in; whatever slipped through controls no terminal here.
void print_error(std::ostream& err, const Error& error) {
  err << "hallmark: error: " << shown_text(error.what(), "") << "\n";
  if (!error.hint().empty()) err << "hint: " << shown_text(error.hint(), "") << "\n";
  err << std::flush;
}

int Batch::status() const {
  if (faults_.empty()) return 0;
  const auto is = [](Fault wanted) { return [wanted](Fault fault) { return fault == wanted; }; };
  // A script that sees one status for many arguments must not miss a possible attack among failures of a network.
  for (const Fault grave : {Fault::refused, Fault::corrupt}) {
    if (std::any_of(faults_.begin(), faults_.end(), is(grave))) return static_cast<int>(grave);
  }
  const bool alike = std::all_of(faults_.begin(), faults_.end(), is(faults_.front()));
  return static_cast<int>(alike ? faults_.front() : Fault::partial);
}

}  // namespace hallmark::cmd
