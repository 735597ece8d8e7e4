// SPDX-License-Identifier: Apache-2.0
//
// Text from outside that people will read: which of its characters must not reach a terminal. Everything that prints
// such text in more than ASCII asks here; printable() of error.h lets nothing but ASCII through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hallmark {

struct Character {
  std::uint32_t code;  ///< the Unicode scalar value, or the byte when it is no UTF-8
  std::size_t length;  ///< bytes, at least 1
  bool is_utf8;
  /// Shows as itself. False for what commands terminals (C0, DEL, C1), what has no picture and may turn or hide its
  /// neighbours (general category Cf), other ends of lines (Zl, Zp), and bytes that are no UTF-8.
  bool is_harmless;
};

/// The character at the beginning of a text that is not empty.
Character first_character(std::string_view text);

/// Of the whole text. An empty one is.
[[nodiscard]] bool is_utf8(std::string_view text);

/// The text with the bytes of what is not harmless written as "\xe2\x80\xae". ASCII characters in `kept` stay.
std::string shown_text(std::string_view text, std::string_view kept);

}  // namespace hallmark
