// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/natural_order.h"

#include <algorithm>

#include "trust/text.h"

namespace hallmark::cmd {
namespace {

// Numbers stay text: a tag may have more digits than any integer type holds.
std::string_view take_digits(std::string_view& text) {
  const std::string_view digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  text.remove_prefix(digits.size());
  return digits;
}

std::string_view without_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view whole_a = take_digits(a);
      const std::string_view whole_b = take_digits(b);
      const std::string_view number_a = without_zeros(whole_a);
      const std::string_view number_b = without_zeros(whole_b);
      // Without leading zeros the number with more digits is the larger one.
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
      // "1" and "01" are two tags: they must not count as one here.
      if (whole_a.size() != whole_b.size()) return whole_a.size() < whole_b.size();
    } else {
      if (a.front() != b.front()) return a.front() < b.front();
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

}  // namespace hallmark::cmd
