// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/agreement.h"

#include <iostream>
#include <ostream>

namespace hallmark::cmd {

bool agreed(const Surroundings& surroundings, const std::string& question) {
  surroundings.err << question << " [y/N] " << std::flush;
  std::string answer;
  // The end of the input, or a signal: whoever did not answer did not agree.
  if (!std::getline(std::cin, answer)) {
    surroundings.err << std::endl;  // nobody typed the end of the line
    return false;
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace hallmark::cmd
