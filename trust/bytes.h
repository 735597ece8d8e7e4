// SPDX-License-Identifier: Apache-2.0
//
// Bytes, where they go, and the strict text forms they have: lower-case hex and padded standard base64.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Where bytes are pushed to. A write that cannot be done throws.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(ByteView piece) = 0;

 protected:
  ByteSink() = default;
  ByteSink(const ByteSink&) = default;
  ByteSink& operator=(const ByteSink&) = default;
};

/// The bytes of a text, without a copy. The view lives as long as the text.
ByteView view_of(std::string_view text);
/// The same bytes as text, without a copy.
std::string_view text_of(ByteView bytes);
/// Copies of both kinds.
Bytes bytes_of(std::string_view text);
std::string string_of(ByteView bytes);

/// In lower case.
std::string hex_of(ByteView bytes);
/// Lower-case hex of even length; anything else is Fault::corrupt.
Bytes parse_hex(std::string_view text);

/// With padding, on one line.
std::string base64_of(ByteView bytes);
/// RFC 4648 section 4 with padding. CR and LF are skipped (RFC 2045), as the writers of trust metadata do;
/// any other character, missing padding or stray bits are Fault::corrupt.
Bytes parse_base64(std::string_view text);

}  // namespace hallmark
