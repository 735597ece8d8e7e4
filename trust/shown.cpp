// SPDX-License-Identifier: Apache-2.0
#include "trust/shown.h"

#include <algorithm>
#include <array>

#include "trust/error.h"

namespace hallmark {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Beyond ASCII: Cc, Cf, Zl and Zp of Unicode 15.1, DerivedGeneralCategory.txt.
constexpr std::array kUnseen{
    Range{0x0080, 0x009f},   Range{0x00ad, 0x00ad},   Range{0x0600, 0x0605},   Range{0x061c, 0x061c},
    Range{0x06dd, 0x06dd},   Range{0x070f, 0x070f},   Range{0x0890, 0x0891},   Range{0x08e2, 0x08e2},
    Range{0x180e, 0x180e},   Range{0x200b, 0x200f},   Range{0x2028, 0x202e},   Range{0x2060, 0x2064},
    Range{0x2066, 0x206f},   Range{0xfeff, 0xfeff},   Range{0xfff9, 0xfffb},   Range{0x110bd, 0x110bd},
    Range{0x110cd, 0x110cd}, Range{0x13430, 0x1343f}, Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},
    Range{0xe0001, 0xe0001}, Range{0xe0020, 0xe007f}};

bool is_unseen(std::uint32_t code) {
  return std::any_of(kUnseen.begin(), kUnseen.end(),
                     [code](const Range& range) { return code >= range.first && code <= range.last; });
}

/// How many bytes the first one announces, when it is not ASCII; 0 when it begins nothing.
std::size_t announced_length(unsigned char first) {
  // RFC 3629, 4: below 0xc0 a byte only continues; 0xc0 and 0xc1 begin longer spellings of ASCII.
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

/// The least code that needs so many bytes: a longer spelling of another one is no UTF-8.
constexpr std::array<std::uint32_t, 5> kLeastCode{0, 0, 0x80, 0x800, 0x10000};

bool is_scalar(std::uint32_t code) { return code < 0xd800 || (code > 0xdfff && code <= 0x10ffff); }

}  // namespace

Character first_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {first, 1, true, first >= 0x20 && first != 0x7f};
  const Character stray{first, 1, false, false};
  const std::size_t length = announced_length(first);
  // One byte alone: what follows a broken beginning is looked at by itself and cannot hide behind it.
  if (length == 0 || length > text.size()) return stray;
  std::uint32_t code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80U) return stray;
    code = code << 6U | (byte & 0x3fU);
  }
  if (code < kLeastCode.at(length) || !is_scalar(code)) return stray;
  return {code, length, true, !is_unseen(code)};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character next = first_character(text);
    if (!next.is_utf8) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

std::string shown_text(std::string_view text, std::string_view kept) {
  static constexpr std::size_t kEscapedBytes = 16;  // of four bytes
  std::string out;
  while (!text.empty()) {
    const Character next = first_character(text);
    const bool stays = next.is_harmless || kept.find(text.front()) != std::string_view::npos;
    out += stays ? std::string(text.substr(0, next.length)) : printable(text.substr(0, next.length), kEscapedBytes);
    text.remove_prefix(next.length);
  }
  return out;
}

}  // namespace hallmark
