// SPDX-License-Identifier: Apache-2.0
//
// Where the text of a name with variables ends: in the name itself, in a default that it has for a variable, or in the
// value of a variable. A digest that is written there is the digest of what the name means.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hallmark::cmd {

/// The value of a variable, and where it ends in the file.
struct PlacedValue {
  std::string text;
  std::optional<std::size_t> end;  ///< absent: it stands nowhere in the file
  std::string variable;            ///< in whose value it ends: an ARG may be made of others
};

struct WordEnd {
  std::optional<std::size_t> end;
  std::string why;       ///< without `end`
  std::string variable;  ///< in whose value it ends; empty for the name itself
};

/// Of a word as it is written; `place_of` tells where one of its bytes is in the file, `value_of` what a variable has.
/// Quotes and escapes have no place.
WordEnd end_of_word(std::string_view word, const std::function<std::size_t(std::size_t)>& place_of,
                    const std::function<const PlacedValue*(const std::string&)>& value_of);

}  // namespace hallmark::cmd
