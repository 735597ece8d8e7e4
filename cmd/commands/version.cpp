// SPDX-License-Identifier: Apache-2.0
//
// hallmark version.
#include <ostream>

#include "cmd/commands/entry_points.h"
#include "trust/json.h"

namespace hallmark::cmd {

Options version_options() {
  Options options("version [OPTIONS]", "Print the version", "hallmark version");
  options.flag("json", "Print one JSON object").operands(0, 0);
  return options;
}

int version(const Arguments& arguments, Environment& environment) {
  if (arguments.truth("json", false)) {
    json::Writer writer(0);
    environment.out << writer.begin_object().member("Version", HALLMARK_VERSION).end_object().text() << "\n";
  } else {
    environment.out << "hallmark " << HALLMARK_VERSION << "\n";
  }
  return 0;
}

}  // namespace hallmark::cmd
