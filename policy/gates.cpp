// SPDX-License-Identifier: Apache-2.0
#include "policy/gates.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::policy {

bool TextMatch::accepts(const std::string& text) const {
  // The reader takes one of "equals", "in" and "regex" alone, so the two never compete.
  return pattern ? pattern->matches(text) : std::find(listed.begin(), listed.end(), text) != listed.end();
}

std::string TextMatch::shown() const {
  if (pattern) return "something like " + printable(pattern->text(), 200);
  std::string text = "\"" + printable(listed.front(), 200) + "\"";
  if (listed.size() > 1) text += " or " + std::to_string(listed.size() - 1) + " more";
  return text;
}

}  // namespace hallmark::policy
