// SPDX-License-Identifier: Apache-2.0
//
// Words of a Dockerfile instruction: where they end, what quotes and backslashes mean, and variables in them
// (Dockerfile reference, "Environment replacement").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hallmark::cmd {

/// Splits at white space outside of quotes; quotes and backslashes stay in the words.
std::vector<std::string> split_words(std::string_view text);

/// How words are read where it is not as usual.
struct WordRules {
  char escape = '\\';              ///< what `# escape=` chose
  bool are_unset_refused = false;  ///< a variable that is not set is Fault::usage instead of empty
};

/// Takes quotes and backslashes away and puts variables in; one that is not set is empty. `environment` has
/// "NAME=value" entries. Fault::usage for a quote that does not end and for a form of ${...} that is none of ${NAME},
/// ${NAME:-word}, ${NAME:+word}.
std::string expand_word(std::string_view word, const std::vector<std::string>& environment);
std::string expand_word(std::string_view word, const std::vector<std::string>& environment, const WordRules& rules);

}  // namespace hallmark::cmd
