// SPDX-License-Identifier: Apache-2.0
#include "trust/json_pointer.h"

namespace hallmark {

void throw_at(const std::string& pointer, const Error& error) {
  const std::string place = pointer.empty() ? "top level" : printable(pointer, 300);
  const std::string_view message = error.what();
  // Readers nest: the innermost place, which begins with this one, stands there already.
  if (message.starts_with(place)) throw Error(error);
  throw error.within(place);
}

}  // namespace hallmark
