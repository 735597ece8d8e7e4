// SPDX-License-Identifier: Apache-2.0
#include "trust/bytes.h"

#include <array>

#include "trust/error.h"

namespace hallmark {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotADigit = 0xff;

constexpr std::array<std::uint8_t, 256> table_of(std::string_view digits) {
  std::array<std::uint8_t, 256> table{};
  for (auto& value : table) value = kNotADigit;
  std::uint8_t value = 0;
  for (const char digit : digits) table[static_cast<unsigned char>(digit)] = value++;
  return table;
}

constexpr auto kHexValues = table_of(kHexDigits);
constexpr auto kBase64Values = table_of(kBase64Digits);

std::uint8_t base64_value(char character) {
  const std::uint8_t value = kBase64Values[static_cast<unsigned char>(character)];
  if (value == kNotADigit) fail(Fault::corrupt, "not base64: '", printable({&character, 1}, 8), "'");
  return value;
}

void decode_quantum(std::string_view quantum, std::size_t padding, Bytes& out) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = (bits << 6U) | (i < 4 - padding ? base64_value(quantum[i]) : 0U);
  // RFC 4648, 3.5: else several texts would stand for the same bytes, and a document could vary without a difference.
  if ((padding == 1 && (bits & 0xffU) != 0) || (padding == 2 && (bits & 0xffffU) != 0)) {
    fail(Fault::corrupt, "not base64: bits set beyond the last byte");
  }
  for (std::size_t i = 0; i < 3 - padding; ++i) out.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
}

}  // namespace

ByteView view_of(std::string_view text) {
  // The one place where text and bytes are the same memory: both are arrays of one-byte elements.
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::string string_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

std::string hex_of(ByteView bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4U];
    text += kHexDigits[byte & 0xfU];
  }
  return text;
}

Bytes parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) fail(Fault::corrupt, "not hex: odd length ", text.size());
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = kHexValues[static_cast<unsigned char>(text[i])];
    const std::uint8_t low = kHexValues[static_cast<unsigned char>(text[i + 1])];
    // Digests are compared as text and name files, so hex has one spelling.
    if (high == kNotADigit || low == kNotADigit) fail(Fault::corrupt, "not lower-case hex: ", printable(text, 80));
    bytes.push_back(static_cast<std::uint8_t>(high << 4U | low));
  }
  return bytes;
}

std::string base64_of(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8U | (j < count ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) text += j <= count ? kBase64Digits[bits >> (18 - 6 * j) & 0x3fU] : '=';
  }
  return text;
}

Bytes parse_base64(std::string_view text) {
  std::string digits;
  digits.reserve(text.size());
  for (const char character : text) {
    if (character != '\r' && character != '\n') digits += character;
  }
  if (digits.size() % 4 != 0) fail(Fault::corrupt, "not base64: length ", digits.size(), " is no multiple of 4");
  Bytes out;
  out.reserve(digits.size() / 4 * 3);
  for (std::size_t i = 0; i < digits.size(); i += 4) {
    const std::string_view quantum = std::string_view(digits).substr(i, 4);
    const bool last = i + 4 == digits.size();
    // Padding ends the text: in the middle it would make one text of two.
    const std::size_t padding = !last ? 0 : quantum.ends_with("==") ? 2 : quantum.ends_with('=') ? 1 : 0;
    decode_quantum(quantum, padding, out);
  }
  return out;
}

}  // namespace hallmark
