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

namespace hallmark::cmd {

constexpr std::size_t kMostDockerfileBytes = std::size_t{1} << 20U;

constexpr std::string_view kDockerfileSpaces = " \t\v\f\r";

constexpr bool is_dockerfile_space(char c) { return kDockerfileSpaces.find(c) != std::string_view::npos; }
constexpr bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

/// Some text of the file. Quotes, escapes and ends of lines that stood in it are gone; its bytes know their places.
struct PlacedText {
  std::string text;
  std::vector<std::size_t> places;

  void add(char byte, std::size_t place);
  [[nodiscard]] PlacedText part(std::size_t first, std::size_t size) const;
  /// The place after its last byte, when it stands in the file as it is, in one piece.
  [[nodiscard]] std::optional<std::size_t> end() const;
};

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

/// Takes "--name=value" from the beginning of the text, quotes and escapes resolved. Fault::usage where builders may
/// see other flags.
std::vector<PlacedText> take_flags(PlacedText& text, char escape);

/// Words between white space; quotes mean nothing here.
std::vector<PlacedText> plain_words(const PlacedText& text);

/// The line of a place in a file; the first is 1.
std::size_t line_of(std::string_view text, std::size_t place);

}  // namespace hallmark::cmd
