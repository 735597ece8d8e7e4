// SPDX-License-Identifier: Apache-2.0
#include "registry/metadata/trust_file.h"

#include <algorithm>
#include <string_view>

#include "trust/error.h"

namespace hallmark::registry {

void check_trust_file(const std::string& file) {
  std::string_view rest = file;
  do {
    const auto end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    // Behind a slash at the end stands an empty part, which the loop would not come to.
    const bool ends_open = end + 1 == rest.size();
    if (part.empty() || part == "." || part == ".." || ends_open || part.find('\0') != std::string_view::npos) {
      fail(Fault::corrupt, "\"", printable(file, 200), "\" is no name of a file of trust data");
    }
    rest.remove_prefix(std::min(rest.size(), end + 1));
  } while (!rest.empty());
}

}  // namespace hallmark::registry
