// SPDX-License-Identifier: Apache-2.0
#include "cmd/agreement.h"

#include <iostream>
#include <ostream>

namespace hallmark::cmd {

bool agreed(const Surroundings& surroundings, const std::string& question) {
  surroundings.err << question << " [y/N] " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

}  // namespace hallmark::cmd
