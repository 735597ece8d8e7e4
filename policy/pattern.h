// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions of a policy: a subset of RE2's that is held against whole values, in a time that grows with the
// length of value and expression only. What is not in the subset is refused when the policy is read, never ignored.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hallmark::policy {

class Pattern {
 public:
  /// "^...$" of letters, `.` (any character, line ends too), classes, groups, `|` in groups, `* + ? {n,m}`, `\d \w \s`
  /// and escaped punctuation. Anything else is Fault::usage.
  static Pattern parse(const std::string& text);

  /// Whether the whole of the value is what the pattern describes.
  [[nodiscard]] bool matches(std::string_view value) const;
  /// As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }

  /// Characters from the first to the last, both included.
  using Ranges = std::vector<std::pair<char32_t, char32_t>>;
  /// One step of a nondeterministic automaton: takes a character of a set, or forks without taking any, or is the end.
  struct Step {
    enum class Kind { take, fork, end };
    Kind kind;
    /// Of a step that takes a character: one of these, or with `is_negated` none of these.
    Ranges ranges;
    bool is_negated;
    /// Where it goes on, as a place in the list of steps.
    std::size_t next;
    std::size_t other;  ///< of a fork
  };

 private:
  // Nothing of it changes while it is matched: one pattern serves many values.
  std::string text_;
  std::vector<Step> steps_;
  std::size_t first_ = 0;
};

}  // namespace hallmark::policy
