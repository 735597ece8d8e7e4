// SPDX-License-Identifier: Apache-2.0
//
// Text of a Dockerfile that knows where it stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark::cmd {

/// What builders split instructions at; ends of lines are gone by then.
constexpr std::string_view kDockerfileSpaces = " \t\v\f\r";

constexpr bool is_dockerfile_space(char c) { return kDockerfileSpaces.find(c) != std::string_view::npos; }
constexpr bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

/// Some text of the file. Quotes, escapes and ends of lines that stood in it are gone; its bytes know their places.
struct PlacedText {
  std::string text;
  std::vector<std::size_t> places;

  /// One more byte, which stands at that place of the file.
  void add(char byte, std::size_t place);
  /// With the places of its bytes; both numbers are within the text.
  [[nodiscard]] PlacedText part(std::size_t first, std::size_t size) const;
  /// The place after its last byte, when it stands in the file as it is, in one piece.
  [[nodiscard]] std::optional<std::size_t> end() const;
};

}  // namespace hallmark::cmd
