// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/word_end.h"

#include <algorithm>

namespace hallmark::cmd {
namespace {

constexpr std::string_view kNameBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

/// The last variable of a word: "$NAME", "${NAME}", "${NAME:-default}".
struct LastVariable {
  std::string name;
  std::string_view modifier;  ///< ":-default" and its like
  std::size_t end;            ///< after it
};

std::optional<LastVariable> last_variable(std::string_view word) {
  const std::size_t dollar = word.rfind('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  const bool has_brace = dollar + 1 < word.size() && word[dollar + 1] == '{';
  const std::size_t begin = dollar + (has_brace ? 2 : 1);
  const std::size_t name_end = std::min(word.find_first_not_of(kNameBytes, begin), word.size());
  std::size_t end = name_end;
  if (has_brace) end = std::min(word.find('}', name_end), word.size());
  return LastVariable{std::string(word.substr(begin, name_end - begin)), word.substr(name_end, end - name_end),
                      end + (has_brace ? 1 : 0)};
}

WordEnd end_of_variable(const LastVariable& variable, const std::function<std::size_t(std::size_t)>& place_of,
                        const PlacedValue* value) {
  const bool is_filled = value != nullptr && !value->text.empty();
  if (variable.modifier.empty() || (variable.modifier.starts_with(":-") && is_filled)) {
    if (value != nullptr && value->end) {
      return {value->end, {}, value->variable.empty() ? variable.name : value->variable};
    }
    return {{}, "it ends with the value of " + variable.name + ", which stands nowhere in the file", {}};
  }
  const bool has_default = variable.modifier.starts_with(":-") && variable.modifier.size() > 2;
  const bool is_unset_default = value == nullptr && variable.modifier.starts_with('-') && variable.modifier.size() > 1;
  // Before the brace that ends the default.
  if (has_default || is_unset_default) return {place_of(variable.end - 2) + 1, {}, {}};
  return {{}, "it ends with " + variable.name + " in a form that has no place for a digest", {}};
}

}  // namespace

WordEnd end_of_word(std::string_view word, const std::function<std::size_t(std::size_t)>& place_of,
                    const std::function<const PlacedValue*(const std::string&)>& value_of) {
  if (word.empty()) return {{}, "it is empty", {}};
  if (word.find_first_of("\"'\\`") != std::string_view::npos) return {{}, "it has quotes or escapes", {}};
  const std::optional<LastVariable> variable = last_variable(word);
  if (variable && variable->end == word.size()) return end_of_variable(*variable, place_of, value_of(variable->name));
  // Behind a part of a tag a digest would stay when the variable is given another value.
  const std::string_view tail = variable ? word.substr(variable->end) : word;
  if (variable && tail.find_first_of(":/") == std::string_view::npos) {
    return {{}, "a variable is only a part of its tag", {}};
  }
  return {place_of(word.size() - 1) + 1, {}, {}};
}

}  // namespace hallmark::cmd
