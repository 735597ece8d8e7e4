// SPDX-License-Identifier: Apache-2.0
//
// Words of a Dockerfile instruction: where they end, what quotes and backslashes mean, and variables in them
// (Dockerfile reference, "Environment replacement").
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/error.h"

namespace hallmark::cmd {

/// Of a word once variables were put in.
constexpr std::size_t kMostExpandedBytes = std::size_t{64} << 10U;

/// Fault::usage: more than that.
struct ExpandedTooLong : Error {
  using Error::Error;
};

/// The JSON list that a text begins with, and nothing behind it: docker's reader passes over the rest of the line.
/// Absent when it begins with none.
std::optional<std::string_view> list_before(std::string_view text);

/// Splits at white space outside of quotes; quotes and backslashes stay in the words.
std::vector<std::string> split_words(std::string_view text);

/// How words are read where it is not as usual.
struct WordRules {
  char escape = '\\';              ///< what `# escape=` chose
  bool are_unset_refused = false;  ///< a variable that is not set is Fault::usage instead of empty
  bool has_dash = false;           ///< ${NAME-word} as well, as compose reads it
};

/// Takes quotes and backslashes away and puts variables in; one that is not set is empty. `environment` has
/// "NAME=value" entries. Fault::usage for a quote that does not end and for a form of ${...} that is none of ${NAME},
/// ${NAME:-word}, ${NAME:+word}; ExpandedTooLong.
std::string expand_word(std::string_view word, const std::vector<std::string>& environment);
std::string expand_word(std::string_view word, const std::map<std::string, std::string>& variables,
                        const WordRules& rules);

}  // namespace hallmark::cmd
