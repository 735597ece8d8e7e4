// SPDX-License-Identifier: Apache-2.0
#include "store/stream/tar_lookalike.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace hallmark::store {
namespace {

constexpr std::size_t kSumOffset = 148;
constexpr std::size_t kSumBytes = 8;

/// The numbers before the checksum: mode, user, group, size, time.
struct NumberField {
  std::size_t offset;
  std::size_t size;
};
constexpr std::array<NumberField, 5> kNumberFields{{{100, 8}, {108, 8}, {116, 8}, {124, 12}, {136, 12}}};

bool is_blank(std::uint8_t byte) { return byte == 0 || byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/// Octal with blanks around it, a sign and "0o" before it, "_" in it. Blanks alone are 0 to some.
std::optional<std::int64_t> octal_in(ByteView field) {
  auto at = std::find_if_not(field.begin(), field.end(), is_blank);
  const bool is_negative = at != field.end() && *at == '-';
  if (at != field.end() && (*at == '+' || *at == '-')) ++at;
  if (field.end() - at > 1 && *at == '0' && (at[1] == 'o' || at[1] == 'O')) at += 2;
  std::int64_t number = 0;
  for (; at != field.end() && ((*at >= '0' && *at <= '7') || *at == '_'); ++at) {
    if (*at != '_') number = 8 * number + (*at - '0');
  }
  if (at != field.end() && !is_blank(*at) && !is_blank(field.front())) return std::nullopt;
  return is_negative ? -number : number;
}

bool is_base256(ByteView field) { return field.front() == 0x80 || field.front() == 0xff; }

/// The first bit says that it is one, the second the sign.
std::int64_t base256_in(ByteView field) {
  std::int64_t number = (field.front() & 0x40U) != 0 ? -1 : 0;
  for (const std::uint8_t byte : field.subspan(1)) number = 256 * number + byte;
  return number;
}

/// GNU tar's old way, behind a sign.
std::int64_t base64_in(ByteView field) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::int64_t number = 0;
  for (const std::uint8_t byte : field.subspan(1)) {
    const std::size_t value = kLetters.find(static_cast<char>(byte));
    if (value == std::string_view::npos) break;
    number = 64 * number + static_cast<std::int64_t>(value);
  }
  return field.front() == '-' ? -number : number;
}

bool is_number(ByteView block, NumberField where) {
  const ByteView field = block.subspan(where.offset, where.size);
  return octal_in(field) || is_base256(field) || field.front() == '+' || field.front() == '-';
}

/// Nothing at all is a sum of 0 to some; they want the other numbers to be some.
bool says(ByteView block, std::int64_t sum) {
  const ByteView field = block.subspan(kSumOffset, kSumBytes);
  if (sum == 0) {
    return (octal_in(field) == 0 || field.front() == 0) &&
           std::all_of(kNumberFields.begin(), kNumberFields.end(),
                       [&](NumberField where) { return is_number(block, where); });
  }
  return octal_in(field) == sum || (field.front() >= 0x80 && base256_in(field) == sum) ||
         ((field.front() == '+' || field.front() == '-') && base64_in(field) == sum);
}

}  // namespace

bool could_be_tar(ByteView beginning) {
  if (beginning.size() < kTarLookalike) return false;
  const ByteView block = beginning.first(kTarLookalike);
  std::int64_t sum = 0;
  std::int64_t high = 0;  // bytes that count 256 less to readers for whom they have a sign
  // The field itself counts as blanks: POSIX pax, "ustar Interchange Format".
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_of_sum = i >= kSumOffset && i < kSumOffset + kSumBytes;
    sum += is_of_sum ? std::uint8_t{' '} : block[i];
    if (!is_of_sum && block[i] >= 0x80U) ++high;
  }
  // Either sum makes it a tar to somebody.
  return says(block, sum) || says(block, sum - 256 * high);
}

}  // namespace hallmark::store
