// SPDX-License-Identifier: Apache-2.0
#include "trust/error.h"

namespace hallmark {

std::string printable(std::string_view untrusted_text, std::size_t limit) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char character : untrusted_text) {
    // The limit is of what is written: an escaped byte takes four characters of a message.
    if (out.size() >= limit) return out + "...";
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte < 0x7f) {
      out += character;
    } else {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    }
  }
  return out;
}

}  // namespace hallmark
