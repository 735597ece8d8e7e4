// SPDX-License-Identifier: Apache-2.0
#include "store/bundle/tar_writer.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace hallmark::store {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMostNameBytes = 100;
/// What eleven octal digits cannot say any more.
constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 33U;

using Header = std::array<std::uint8_t, kBlock>;

/// POSIX pax, "ustar Interchange Format": where the fields lie.
constexpr std::size_t kMode = 100;
constexpr std::size_t kUser = 108;
constexpr std::size_t kGroup = 116;
constexpr std::size_t kSize = 124;
constexpr std::size_t kTime = 136;
constexpr std::size_t kChecksum = 148;
constexpr std::size_t kType = 156;
constexpr std::size_t kMagic = 257;
constexpr std::size_t kMajor = 329;
constexpr std::size_t kMinor = 337;

void put(Header& header, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string octal(std::uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; number /= 8) text[i] = static_cast<char>('0' + number % 8);
  return text;
}

/// The sum of all bytes, those of its own field taken for blanks.
std::uint64_t checksum(const Header& header) {
  std::uint64_t sum = 0;
  for (const std::uint8_t byte : header) sum += byte;
  return sum + std::uint64_t{8} * ' ';
}

/// "27 path=...\n": the number counts its own digits as well.
std::string pax_record(const std::string& key, const std::string& value) {
  const std::string rest = " " + key + "=" + value + "\n";
  // The digits count themselves: one more of them makes the record longer.
  std::size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) length = std::to_string(length).size() + rest.size();
  return std::to_string(length) + rest;
}

}  // namespace

void TarWriter::header(const std::string& name, std::uint64_t size, char type) {
  Header header{};
  put(header, 0, std::string_view(name).substr(0, kMostNameBytes));
  // All else is fixed: no clock, user or umask shows in the bytes.
  put(header, kMode, "0000644");
  put(header, kUser, "0000000");
  put(header, kGroup, "0000000");
  put(header, kSize, octal(size, 11));
  put(header, kTime, "00000000000");
  put(header, kType, std::string_view(&type, 1));
  put(header, kMagic, std::string_view("ustar\00000", 8));
  put(header, kMajor, "0000000");
  put(header, kMinor, "0000000");
  const std::string sum = octal(checksum(header), 6) + '\0' + ' ';
  put(header, kChecksum, sum);
  out_.write(header);
  left_ = size;
  padding_ = (kBlock - size % kBlock) % kBlock;
}

void TarWriter::pad() {
  if (left_ != 0) throw std::logic_error("a file of the tar is shorter than it was said to be");
  static constexpr Header kZeros{};
  if (padding_ > 0) out_.write(ByteView(kZeros).first(static_cast<std::size_t>(padding_)));
  padding_ = 0;
}

void TarWriter::begin(const std::string& name, std::uint64_t size) {
  pad();
  std::string records;
  if (name.size() > kMostNameBytes) records += pax_record("path", name);
  if (size >= kTooLarge) records += pax_record("size", std::to_string(size));
  if (!records.empty()) {
    // Numbered, since no two entries of a bundle have one name.
    header("PaxHeaders/" + std::to_string(++extended_), records.size(), 'x');
    write(view_of(records));
    pad();
  }
  // 0 is what writers leave where eleven digits do not do, and what readers of ours expect.
  header(name, size >= kTooLarge ? 0 : size, '0');
  left_ = size;
  padding_ = (kBlock - size % kBlock) % kBlock;
}

void TarWriter::write(ByteView piece) {
  if (piece.size() > left_) throw std::logic_error("a file of the tar is longer than it was said to be");
  out_.write(piece);
  left_ -= piece.size();
}

void TarWriter::finish() {
  pad();
  static constexpr std::array<std::uint8_t, 2 * kBlock> kEnd{};
  out_.write(kEnd);
}

}  // namespace hallmark::store
