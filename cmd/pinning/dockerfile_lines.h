// SPDX-License-Identifier: Apache-2.0
//
// The instructions of a Dockerfile, each on one line: continuations joined, comments and heredocs left out (Dockerfile
// reference, "Format", "Parser directives", "Here-Documents"). Each byte knows its place in the file. Where builders
// read a line differently, it is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pinning/placed_text.h"

namespace hallmark::cmd {

/// Far above what a person writes.
constexpr std::size_t kMostDockerfileBytes = std::size_t{1} << 20U;

struct Instruction {
  std::string word;  ///< "FROM", in upper case
  PlacedText rest;   ///< what follows it
  std::size_t line;  ///< where it begins; the first is 1
};

struct DockerfileText {
  std::optional<PlacedText> syntax;  ///< the image that `# syntax=` names
  char escape = '\\';
  std::vector<Instruction> instructions;
};

/// Fault::usage, with the line, for what is no Dockerfile or can be read in two ways.
DockerfileText read_dockerfile(std::string_view text);

/// Words between white space; quotes mean nothing here.
std::vector<PlacedText> plain_words(const PlacedText& text);

/// The line of a place in a file; the first is 1.
std::size_t line_of(std::string_view text, std::size_t place);

}  // namespace hallmark::cmd
