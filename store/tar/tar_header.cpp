// SPDX-License-Identifier: Apache-2.0
#include "store/tar/tar_header.h"

#include <algorithm>
#include <array>

#include "store/stream/archive_refusal.h"

namespace hallmark::store {
namespace {

/// POSIX pax, "ustar Interchange Format": where the fields are.
struct Field {
  std::size_t offset;
  std::size_t size;
  std::string_view what;
};
constexpr Field kName{0, 100, "name"};
constexpr Field kSize{124, 12, "size"};
constexpr Field kChecksum{148, 8, "checksum"};
constexpr std::size_t kTypeOffset = 156;
constexpr Field kTarget{157, 100, "link"};
constexpr Field kMagic{257, 8, "magic"};
constexpr Field kPrefix{345, 155, "prefix"};
constexpr std::array<Field, 5> kTexts{{kName, kTarget, {265, 32, "owner"}, {297, 32, "owner"}, kPrefix}};
/// Of no importance here; but a reader that cannot read one of them stops, or leaves the entry out.
constexpr std::array<Field, 5> kNumbers{
    {{100, 8, "mode"}, {108, 8, "user"}, {116, 8, "group"}, {329, 8, "device"}, {337, 8, "device"}}};
constexpr Field kTime{136, 12, "time"};
/// The last number is no user's: it means that nothing changes.
constexpr std::uint64_t kMostNumber = 0xfffffffe;
constexpr std::uint64_t kMostSeconds = 999'999'999'999;
constexpr std::array<Field, 2> kOwner{{{265, 32, "owner"}, {297, 32, "owner"}}};
/// From here on a header of the kind has nothing but zeros. GNU's has times and parts of sparse files there, which
/// only its own incremental writers fill, and which others read as a prefix.
constexpr std::size_t kEndOfOthers = 345;
/// Another kind of header, which has a shorter prefix, says so in the last four bytes.
constexpr std::size_t kEndOfPosix = 500;

/// The version behind it included: POSIX has two zeros as digits, GNU a blank and a zero byte. A mixture is neither.
constexpr std::string_view kPosixMagic("ustar\00000", 8);
constexpr std::string_view kGnuMagic("ustar  \0", 8);
constexpr std::string_view kNoMagic("\0\0\0\0\0\0\0\0", 8);
constexpr std::string_view kBlanks(" \0", 2);

std::string_view field(ByteView block, Field where) { return text_of(block.subspan(where.offset, where.size)); }

bool is_zero(std::string_view text) { return text.find_first_not_of('\0') == std::string_view::npos; }

/// Up to the first zero, behind which nothing may stand.
std::string string_in(ByteView block, Field where) {
  const std::string_view text = field(block, where);
  const std::size_t end = std::min(text.find('\0'), text.size());
  if (!is_zero(text.substr(end))) {
    refuse_archive("E_ARCHIVE_HEADER", "a header has something behind the end of its ", where.what, ": ",
                   printable(text, 200));
  }
  return std::string(text.substr(0, end));
}

[[noreturn]] void refuse_number(std::string_view text, Field where) {
  refuse_archive("E_ARCHIVE_HEADER", "a header has this where the number of its ", where.what,
                 " belongs: ", printable(text, 40));
}

/// What so many octal digits cannot say.
std::uint64_t too_much_for(std::size_t digits) { return std::uint64_t{1} << (3 * digits); }

/// The first byte is 0x80, then comes the number: for what octal digits cannot say, and for nothing else.
std::uint64_t binary_number_in(ByteView block, Field where) {
  std::uint64_t number = 0;
  const ByteView bytes = block.subspan(where.offset, where.size);
  for (const std::uint8_t byte : bytes.subspan(1)) {
    // The field holds more than 64 bits: what does not fit must not wrap.
    if (number >> 55U != 0) refuse_number(text_of(bytes), where);
    number = (number << 8U) | byte;
  }
  if (number < too_much_for(where.size - 1)) refuse_number(text_of(bytes), where);
  return number;
}

/// Octal digits, blanks before them, blanks or zeros after them. A field that is full of digits is one that has no
/// room for an end.
std::uint64_t octal_number_in(ByteView block, Field where) {
  const std::string_view whole = field(block, where);
  std::string_view text = whole;
  while (text.starts_with(' ')) text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("01234567"), text.size());
  std::uint64_t number = 0;
  for (const char digit : text.substr(0, digits)) number = number * 8 + static_cast<std::uint64_t>(digit - '0');
  const bool has_end = digits < text.size() || number >= too_much_for(where.size - 1);
  const bool is_clean = text.substr(digits).find_first_not_of(kBlanks) == std::string_view::npos;
  if (digits == 0 || !has_end || !is_clean) refuse_number(whole, where);
  return number;
}

std::uint64_t number_in(ByteView block, Field where) {
  return block[where.offset] == 0x80 ? binary_number_in(block, where) : octal_number_in(block, where);
}

/// The same for what is of no importance: writers leave it out as well. What is too much for some reader stops it.
void check_number(ByteView block, Field where, std::uint64_t most) {
  if (!is_zero(field(block, where)) && number_in(block, where) > most) refuse_number(field(block, where), where);
}

/// Before 1970: two's complement, as GNU tar has it, and libarchive in headers of POSIX's kind as well. Other numbers
/// are never less than nothing.
bool is_negative_time(ByteView block, TarHeader::Kind kind) {
  const ByteView bytes = block.subspan(kTime.offset, kTime.size);
  const ByteView sign = bytes.first(bytes.size() - 5);
  const bool is_small = std::all_of(sign.begin(), sign.end(), [](std::uint8_t byte) { return byte == 0xff; });
  return kind != TarHeader::Kind::v7 && is_small;
}

TarHeader::Kind kind_of(ByteView block) {
  const std::string_view magic = field(block, kMagic);
  if (magic == kPosixMagic) return TarHeader::Kind::posix;
  if (magic == kGnuMagic) return TarHeader::Kind::gnu;
  if (magic == kNoMagic) return TarHeader::Kind::v7;
  refuse_archive("E_ARCHIVE_HEADER",
                 "a header has this magic, which readers do not agree about: ", printable(magic, 40));
}

void check_tail(ByteView block, TarHeader::Kind kind) {
  const std::size_t end = kind == TarHeader::Kind::posix ? kEndOfPosix : kEndOfOthers;
  const std::string_view tail = text_of(block.subspan(end));
  if (is_zero(tail)) return;
  refuse_archive("E_ARCHIVE_HEADER", "a header has something from byte ", end, " on, where one with the magic \"",
                 printable(field(block, kMagic), 40), "\" has nothing: ", printable(tail, 200));
}

/// Entries of GNU tar that other readers leave out, or take for something else. Their headers are not like others.
void check_type(ByteView block) {
  // Their headers have bytes where others have none, which check_tail() would refuse without a hint.
  if (block[kTypeOffset] == 'S') {
    refuse_archive("E_ENTRY_TYPE", printable(string_in(block, kName), 200),
                   " is a sparse file; tar makes none without --sparse, bsdtar with --no-read-sparse");
  }
  if (block[kTypeOffset] == 'V') {
    refuse_archive("E_ENTRY_TYPE", printable(string_in(block, kName), 200),
                   " is the label of a volume, and nothing to unpack; make the tar without --label");
  }
}

}  // namespace

bool is_control(char byte) { return static_cast<std::uint8_t>(byte) < 0x20 || byte == 0x7f; }

bool has_control_characters(ByteView block) {
  return std::any_of(kTexts.begin(), kTexts.end(), [block](const Field& where) {
    const std::string_view text = field(block, where);
    const std::string_view used = text.substr(0, text.find('\0'));
    return std::any_of(used.begin(), used.end(), is_control);
  });
}

void check_tar_sum(ByteView block) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_sum = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    sum += is_sum ? std::uint8_t{' '} : block[i];
  }
  // Bytes without a sign, as POSIX has it. A sum of signed bytes is refused where it is another number.
  const std::uint64_t written = octal_number_in(block, kChecksum);
  if (written != sum) {
    refuse_archive("E_ARCHIVE_HEADER", "a header's checksum is ", written, ", its bytes give ", sum);
  }
}

TarHeader parse_tar_header(ByteView block) {
  check_tar_sum(block);
  const TarHeader::Kind kind = kind_of(block);
  check_type(block);
  check_tail(block, kind);
  for (const Field& number : kNumbers) check_number(block, number, kMostNumber);
  if (!is_negative_time(block, kind)) check_number(block, kTime, kMostSeconds);
  for (const Field& owner : kOwner) {
    const bool is_empty = string_in(block, owner).empty();
    if (kind == TarHeader::Kind::v7 && !is_empty)
      refuse_archive("E_ARCHIVE_HEADER", "a header without a magic has an owner");
  }
  TarHeader header{kind, static_cast<char>(block[kTypeOffset]), string_in(block, kName), string_in(block, kTarget),
                   number_in(block, kSize)};
  // GNU has times there, and the oldest kind has nothing: only POSIX knows a prefix.
  const std::string prefix = kind == TarHeader::Kind::posix ? string_in(block, kPrefix) : std::string();
  // Python puts a folder's name that just fits into the prefix, and leaves nothing but the slash.
  const bool is_in_prefix = header.type == '5' && !prefix.empty();
  if (header.name.empty() && !prefix.empty() && !is_in_prefix) {
    refuse_archive("E_ARCHIVE_HEADER", "a header has no name");
  }
  if (!prefix.empty()) header.name = prefix + "/" + header.name;
  return header;
}

}  // namespace hallmark::store
