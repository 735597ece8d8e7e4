// SPDX-License-Identifier: Apache-2.0
#include "store/tar_entries.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "store/archive_refusal.h"
#include "store/tar.h"
#include "store/tar_names.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostEntries = 100'000;
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
    refuse_archive("E_ARCHIVE_HEADER", "a header has this where a number belongs: ", printable(text, 20));
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

/// What begins otherwise is another kind of file.
void check_first(ByteView block) {
  try {
    check_sum(block);
  } catch (const Error&) {
    refuse_archive("E_ARCHIVE_HEADER", "it is no tar: it begins with \"", printable(text_of(block.first(16)), 40),
                   "\"");
  }
}

bool is_extended(char type) { return type == 'x' || type == 'g' || type == 'L' || type == 'K'; }

/// Of several extended headers before one entry each reader obeys another one. GNU tar writes one for the name and one
/// for the target of a link; nothing else may come together.
void check_order(std::string_view before, char type) {
  const bool is_pair = (before == "K" && type == 'L') || (before == "L" && type == 'K');
  if (before.empty() || is_pair) return;
  refuse_archive("E_ARCHIVE_HEADER", "extended headers of type \"", before, "\" and \"", std::string(1, type),
                 "\" stand before one entry");
}

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

[[noreturn]] void refuse_pax() { refuse_archive("E_ARCHIVE_HEADER", "a pax header cannot be read"); }

}  // namespace

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
  const bool is_first = !std::exchange(has_begun_, true);
  if (filled == 0 || filled == block.size()) {
    if (is_first && filled != 0 && !is_zero(block)) check_first(block);
    return filled != 0;
  }
  if (is_first) refuse_archive("E_ARCHIVE_TRUNCATED", "it is no tar: it has ", filled, " bytes, a tar's block 512");
  refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off within a block");
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
void TarEntries::take_pax_record(std::string_view key, std::string_view value, Extended& extended) {
  const auto take = [&](auto& member, auto said) {
    if (member) refuse_archive("E_ARCHIVE_HEADER", "a pax header says \"", key, "\" twice");
    member = said;
  };
  if (key == "path") take(extended.name, value);
  if (key == "linkpath") take(extended.target, value);
  if (key.starts_with("GNU.sparse.")) refuse_archive("E_ENTRY_TYPE", "it has a sparse file");
  if (key != "size") return;
  std::uint64_t size = 0;
  const auto [last, wrong] = std::from_chars(value.data(), value.data() + value.size(), size);
  if (wrong != std::errc() || last != value.data() + value.size()) refuse_pax();
  take(extended.size, size);
}

void TarEntries::read_pax(const std::string& records, Extended& extended) {
  for (std::string_view left = records; !left.empty();) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), length);
    const auto digits = static_cast<std::size_t>(end - left.data());
    if (error != std::errc() || length > left.size() || length < digits + 3) refuse_pax();
    const std::string_view record = left.substr(digits, length - digits);
    const std::size_t equals = record.find('=');
    if (!record.starts_with(' ') || !record.ends_with('\n') || equals == std::string_view::npos) refuse_pax();
    const std::string_view key = record.substr(1, equals - 1);
    const std::string_view value = record.substr(equals + 1, record.size() - equals - 2);
    take_pax_record(key, value, extended);
    left.remove_prefix(length);
  }
}

void TarEntries::read_extended(const Block& block, Extended& extended) {
  const auto type = static_cast<char>(block[kTypeOffset]);
  const std::string body = text(number_in(block, kSize));
  const std::string c_text = body.substr(0, body.find('\0'));
  if (type == 'x') read_pax(body, extended);
  if (type == 'L') extended.name = c_text;
  if (type == 'K') extended.target = c_text;
  if (type != 'g') return;
  Extended all;
  read_pax(body, all);
  if (all.name || all.target || all.size) {
    refuse_archive("E_ARCHIVE_HEADER", "a pax header for all entries says what one of them is");
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
    entry.target = link_target(entry.name, extended.target.value_or(string_in(block, kTarget)));
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
  std::string before;  // the types of the extended headers that the next entry has
  Block block;
  while (fill(block)) {
    if (is_zero(block)) {
      if (!before.empty()) refuse_archive("E_ARCHIVE_HEADER", "an extended header belongs to no entry");
      read_end();
      finish();
      return std::nullopt;
    }
    check_sum(block);
    const auto type = static_cast<char>(block[kTypeOffset]);
    if (is_extended(type)) {
      check_order(before, type);
      read_extended(block, extended);
      if (type != 'g') before += type;
      continue;
    }
    auto entry = entry_of(block, extended);
    extended = {};
    before.clear();
    if (!entry) continue;
    take_name(*entry);
    return entry;
  }
  if (!before.empty()) refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off after an extended header");
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
