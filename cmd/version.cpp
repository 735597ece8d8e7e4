// SPDX-License-Identifier: Apache-2.0
//
// hallmark version.
#include <ostream>

#include "cmd/command.h"

namespace hallmark::cmd {

Options version_options() {
  Options options("version", "Print the version", "hallmark version");
  options.operands(0, 0);
  return options;
}

int version(const Arguments&, Surroundings& surroundings) {
  surroundings.out << "hallmark " << HALLMARK_VERSION << "\n";
  return 0;
}

}  // namespace hallmark::cmd
