// SPDX-License-Identifier: Apache-2.0
#include "store/tar_entries.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "store/archive_refusal.h"
#include "store/tar.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kMostNameBytes = 4096;
constexpr std::size_t kMostComponents = 32;
/// Of all names together: they stay in memory.
constexpr std::size_t kMostNamesBytes = std::size_t{12} << 20U;
constexpr std::uint64_t kMostHeaderText = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMostEntryBytes = std::uint64_t{1} << 40U;

/// POSIX pax, "ustar Interchange Format": where the fields are.
struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kSize{124, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kTypeOffset = 156;
constexpr Field kTarget{157, 100};
constexpr Field kMagic{257, 6};
constexpr Field kPrefix{345, 155};

std::string_view field(ByteView block, Field where) { return text_of(block.subspan(where.offset, where.size)); }

std::string string_in(ByteView block, Field where) {
  const std::string_view text = field(block, where);
  return std::string(text.substr(0, text.find('\0')));
}

/// Octal digits between blanks, or GNU's binary form: the first bit set, then the number.
std::uint64_t number_in(ByteView block, Field where) {
  const ByteView bytes = block.subspan(where.offset, where.size);
  std::uint64_t number = 0;
  if ((bytes[0] & 0x80U) != 0) {
    if ((bytes[0] & 0x40U) != 0) refuse_archive("E_ARCHIVE_HEADER", "a number is negative");
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (number >> 56U != 0) refuse_archive("E_ARCHIVE_HEADER", "a number is too large");
      number = (number << 8U) | (i == 0 ? bytes[0] & 0x3fU : bytes[i]);
    }
    return number;
  }
  std::string_view text = text_of(bytes);
  while (text.starts_with(' ')) text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("01234567"), text.size());
  for (const char digit : text.substr(0, digits)) {
    number = number * 8 + static_cast<std::uint64_t>(digit - '0');  // twelve digits fit
  }
  const std::string_view after = text.substr(digits);
  if (after.find_first_not_of(std::string_view(" \0", 2)) != std::string_view::npos) {
    refuse_archive("E_ARCHIVE_HEADER", "a number is no number: ", printable(text, 20));
  }
  return number;
}

/// The sum of the header's bytes, its own field taken as blanks. Old writers added signed ones.
void check_sum(ByteView block) {
  std::int64_t plain = 0;
  std::int64_t with_signs = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_sum = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    const std::uint8_t byte = is_sum ? std::uint8_t{' '} : block[i];
    plain += byte;
    with_signs += static_cast<std::int8_t>(byte);
  }
  const auto written = static_cast<std::int64_t>(number_in(block, kChecksum));
  if (written != plain && written != with_signs) {
    refuse_archive("E_ARCHIVE_HEADER", "a header's checksum is ", written, ", its bytes give ", plain);
  }
}

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// How many bytes the UTF-8 sequence at the beginning has; 0 when it is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                             : (first & 0xf0U) == 0xe0        ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return 0;
  }
  const bool is_low = (first == 0xe0 && at(1) < 0xa0) || (first == 0xf0 && at(1) < 0x90);
  const bool is_odd = (first == 0xed && at(1) > 0x9f) || (first == 0xf4 && at(1) > 0x8f);
  return is_low || is_odd ? 0 : length;
}

void check_characters(const std::string& name) {
  for (std::string_view left = name; !left.empty();) {
    const std::size_t length = sequence_length(left);
    const auto first = static_cast<std::uint8_t>(left.front());
    if (length == 0 || first < 0x20 || first == 0x7f || first == '\\') {
      refuse_archive("E_ENTRY_NAME", "an entry's name has a character that names have not: ", printable(name, 200));
    }
    left.remove_prefix(length);
  }
}

std::string_view parent_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

/// Where a link leads, seen from the root of the tar.
std::string target_of(const std::string& name, const std::string& written) {
  const auto refuse = [&](std::string_view why) {
    refuse_archive("E_LINK_TARGET", "the link ", printable(name, 200), " ", why, ": ", printable(written, 200));
  };
  if (written.empty() || written.starts_with('/')) refuse("is absolute or leads nowhere");
  std::string at(parent_of(name));
  for (std::string_view left = written; !left.empty();) {
    const std::size_t slash = std::min(left.find('/'), left.size());
    const std::string_view part = left.substr(0, slash);
    left.remove_prefix(std::min(slash + 1, left.size()));
    if (part == "..") {
      if (at.empty()) refuse("leads out of the archive");
      at = parent_of(at);
    } else if (!part.empty() && part != ".") {
      at += (at.empty() ? "" : "/") + std::string(part);
    }
  }
  if (at.empty()) refuse("leads to no file");
  return at;
}

}  // namespace

std::string clean_entry_name(const std::string& name) {
  const auto refuse = [&](std::string_view why) {
    refuse_archive("E_ENTRY_NAME", "an entry's name ", why, ": ", printable(name, 200));
  };
  if (name.size() > kMostNameBytes) refuse("is too long");
  check_characters(name);
  std::string_view left = name;
  if (left.starts_with('/')) refuse("is absolute");
  while (left.starts_with("./")) left.remove_prefix(2);
  if (left.ends_with('/')) left.remove_suffix(1);
  if (left.empty() || left == ".") {
    if (name.empty()) refuse("is empty");
    return {};
  }
  std::string clean(left);
  std::size_t count = 0;
  while (true) {
    const std::size_t slash = std::min(left.find('/'), left.size());
    const std::string_view part = left.substr(0, slash);
    if (part.empty() || part == "." || part == "..") refuse("has a part that is empty, \".\" or \"..\"");
    if (++count > kMostComponents) refuse("has too many parts");
    if (slash == left.size()) return clean;
    left.remove_prefix(slash + 1);
  }
}

bool TarEntries::fill(Block& block) {
  std::size_t filled = 0;
  while (filled < block.size()) {
    if (rest_.empty()) rest_ = pull_();
    if (rest_.empty()) break;
    const ByteView part = rest_.first(std::min(rest_.size(), block.size() - filled));
    std::copy(part.begin(), part.end(), block.begin() + static_cast<std::ptrdiff_t>(filled));
    rest_ = rest_.subspan(part.size());
    filled += part.size();
  }
  if (filled != 0 && filled != block.size()) refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off within a block");
  return filled != 0;
}

void TarEntries::skip(std::uint64_t size) {
  while (size > 0) {
    if (rest_.empty()) rest_ = pull_();
    if (rest_.empty()) refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off within an entry");
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, rest_.size()));
    rest_ = rest_.subspan(part);
    size -= part;
  }
}

ByteView TarEntries::data() {
  if (left_ == 0) return {};
  if (rest_.empty()) rest_ = pull_();
  if (rest_.empty()) refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off within an entry");
  const auto part = rest_.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest_.size())));
  rest_ = rest_.subspan(part.size());
  left_ -= part.size();
  return part;
}

/// The body of an extended header.
std::string TarEntries::text(std::uint64_t size) {
  if (size > kMostHeaderText) refuse_archive("E_ARCHIVE_HEADER", "an extended header has ", size, " bytes");
  std::string text;
  left_ = size;
  for (ByteView part = data(); !part.empty(); part = data()) text += text_of(part);
  skip((kBlock - size % kBlock) % kBlock);
  return text;
}

/// POSIX pax, "pax Extended Header": "length key=value\n", the length being that of the whole record.
void TarEntries::read_pax(const std::string& records, Extended& extended) const {
  const auto refuse = [] { refuse_archive("E_ARCHIVE_HEADER", "a pax header cannot be read"); };
  for (std::string_view left = records; !left.empty();) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), length);
    const auto digits = static_cast<std::size_t>(end - left.data());
    if (error != std::errc() || length > left.size() || length < digits + 3) refuse();
    const std::string_view record = left.substr(digits, length - digits);
    const std::size_t equals = record.find('=');
    if (!record.starts_with(' ') || !record.ends_with('\n') || equals == std::string_view::npos) refuse();
    const std::string_view key = record.substr(1, equals - 1);
    const std::string_view value = record.substr(equals + 1, record.size() - equals - 2);
    if (key == "path") extended.name = value;
    if (key == "linkpath") extended.target = value;
    if (key.starts_with("GNU.sparse.")) refuse_archive("E_ENTRY_TYPE", "it has a sparse file");
    if (key == "size") {
      std::uint64_t size = 0;
      const auto [last, wrong] = std::from_chars(value.data(), value.data() + value.size(), size);
      if (wrong != std::errc() || last != value.data() + value.size()) refuse();
      extended.size = size;
    }
    left.remove_prefix(length);
  }
}

std::optional<TarEntry> TarEntries::entry_of(const Block& block, const Extended& extended) {
  std::string name = string_in(block, kName);
  const std::string prefix = string_in(block, kPrefix);
  const bool is_ustar = field(block, kMagic) == std::string_view("ustar\0", 6);
  if (is_ustar && !prefix.empty()) name = prefix + "/" + name;
  if (extended.name) name = *extended.name;
  if (name.find('\0') != std::string::npos) refuse_archive("E_ENTRY_NAME", "an entry's name has a zero byte");

  const auto type = static_cast<char>(block[kTypeOffset]);
  const bool is_old_folder = type == '\0' && name.ends_with('/');
  TarEntry entry{TarEntry::Type::file, clean_entry_name(name), {}, extended.size.value_or(number_in(block, kSize))};
  if (type == '5' || is_old_folder) {
    entry.type = TarEntry::Type::folder;
  } else if (type == '2') {
    entry.type = TarEntry::Type::link;
  } else if (type != '0' && type != '\0') {
    refuse_archive("E_ENTRY_TYPE", printable(entry.name, 200), " is no file, folder or symbolic link: its type is \"",
                   printable(std::string_view(&type, 1), 8), "\"");
  }
  const bool is_file = entry.type == TarEntry::Type::file;
  if (is_file ? name.ends_with('/') || entry.name.empty() : entry.size != 0) {
    refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " has bytes but is no file, or the other way round");
  }
  if (entry.size > kMostEntryBytes) {
    refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " claims ", entry.size, " bytes");
  }
  if (entry.name.empty()) return std::nullopt;  // the root itself
  if (entry.type == TarEntry::Type::link) {
    entry.target = target_of(entry.name, extended.target.value_or(string_in(block, kTarget)));
  }
  left_ = entry.size;
  padding_ = (kBlock - entry.size % kBlock) % kBlock;
  return entry;
}

/// Each name once, and nothing below what is no folder.
void TarEntries::take_name(const TarEntry& entry) {
  using Type = TarEntry::Type;
  name_bytes_ += entry.name.size() + entry.target.size();
  if (names_.size() == kMostEntries || name_bytes_ > kMostNamesBytes) {
    refuse_archive("E_ENTRY_NAME", "more than ", kMostEntries, " entries, or names of more than ", kMostNamesBytes,
                   " bytes");
  }
  if (!names_.emplace(entry.name, entry.type).second) {
    refuse_archive("E_ENTRY_DUPLICATE", "two entries are called ", printable(entry.name, 200));
  }
  if (entry.type == Type::link) links_.emplace(entry.name, entry.target);
  if (entry.type != Type::folder && parents_.contains(entry.name)) {
    refuse_archive(entry.type == Type::link ? "E_LINK_TARGET" : "E_ENTRY_DUPLICATE", printable(entry.name, 200),
                   " is no folder, and entries lie in it");
  }
  for (std::string_view parent = parent_of(entry.name); !parent.empty(); parent = parent_of(parent)) {
    const auto found = names_.find(std::string(parent));
    if (found != names_.end() && found->second != Type::folder) {
      refuse_archive(found->second == Type::link ? "E_LINK_TARGET" : "E_ENTRY_DUPLICATE", printable(entry.name, 200),
                     " lies in what is no folder");
    }
    if (!parents_.emplace(parent).second) break;
    name_bytes_ += parent.size();
  }
}

std::optional<TarEntry> TarEntries::next() {
  if (is_finished_) return std::nullopt;
  skip(std::exchange(left_, 0));
  skip(std::exchange(padding_, 0));
  Extended extended;
  bool is_extended = false;
  Block block;
  while (fill(block)) {
    if (is_zero(block)) {
      if (is_extended) refuse_archive("E_ARCHIVE_HEADER", "an extended header belongs to no entry");
      read_end();
      finish();
      return std::nullopt;
    }
    check_sum(block);
    const auto type = static_cast<char>(block[kTypeOffset]);
    if (type != 'x' && type != 'g' && type != 'L' && type != 'K') {
      auto entry = entry_of(block, extended);
      extended = {};
      is_extended = false;
      if (!entry) continue;
      take_name(*entry);
      return entry;
    }
    const std::string body = text(number_in(block, kSize));
    const std::string c_text = body.substr(0, body.find('\0'));
    if (type == 'x') read_pax(body, extended);
    if (type == 'L') extended.name = c_text;
    if (type == 'K') extended.target = c_text;
    is_extended = is_extended || type != 'g';
  }
  if (is_extended) refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off after an extended header");
  lacks_end_mark_ = true;
  finish();
  return std::nullopt;
}

/// After a block of zeros: another one, and then nothing but zeros.
void TarEntries::read_end() {
  Block block;
  if (!fill(block)) {
    lacks_end_mark_ = true;
    return;
  }
  if (!is_zero(block)) refuse_archive("E_ARCHIVE_HEADER", "a single block of zeros stands between two entries");
  std::uint64_t zeros = 0;
  for (; !rest_.empty() || !(rest_ = pull_()).empty(); rest_ = {}) {
    zeros += rest_.size();
    if (!is_zero(rest_)) refuse_archive("E_ARCHIVE_TRAILING", "something follows the tar's end mark");
    if (zeros > kMostTarPadding) refuse_archive("E_ARCHIVE_TRAILING", "more than ", kMostTarPadding, " zeros follow");
  }
}

void TarEntries::finish() {
  is_finished_ = true;
  for (const auto& [name, target] : links_) {
    const auto found = names_.find(target);
    if (found == names_.end() || found->second != TarEntry::Type::file) {
      refuse_archive("E_LINK_TARGET", "the link ", printable(name, 200), " leads to no file: ", printable(target, 200));
    }
  }
}

const std::string& TarEntries::followed(const std::string& name) const {
  const auto found = links_.find(name);
  return found == links_.end() ? name : found->second;
}

}  // namespace hallmark::store
