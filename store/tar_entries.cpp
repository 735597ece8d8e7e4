// SPDX-License-Identifier: Apache-2.0
#include "store/tar_entries.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "store/archive_refusal.h"
#include "store/archive_words.h"
#include "store/tar.h"
#include "store/tar_names.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostEntries = 100'000;
/// Of all names together: they stay in memory.
constexpr std::size_t kMostNamesBytes = std::size_t{12} << 20U;
constexpr std::uint64_t kMostHeaderText = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMostEntryBytes = std::uint64_t{1} << 40U;
constexpr std::size_t kMostOwnTarget = 100;

/// From this size on eleven octal digits do not hold it, and writers leave it to the pax header.
constexpr std::uint64_t kLeastOfPax = std::uint64_t{1} << 33U;

/// What begins otherwise is another kind of file.
void check_first(ByteView block) {
  try {
    check_tar_sum(block);
  } catch (const Error&) {
    refuse_archive("E_ARCHIVE_HEADER", "it is no tar: it begins with \"", printable(text_of(block.first(16)), 40),
                   "\"");
  }
}

bool is_extended(char type) { return type == 'x' || type == 'g' || type == 'L' || type == 'K'; }

/// Of several extended headers before one entry each reader obeys another one. GNU tar writes one for the name and one
/// for the target of a link; nothing else may come together, and each only with the kind of headers that has it.
void check_order(std::string_view before, const TarHeader& header) {
  using Kind = TarHeader::Kind;
  const char type = header.type;
  const bool is_pax = type == 'x' || type == 'g' || (before == "x" && !is_extended(type));
  const bool is_gnu = type == 'L' || type == 'K';
  const bool is_of_kind = is_pax ? header.kind == Kind::posix : is_gnu ? header.kind == Kind::gnu : true;
  if (!is_of_kind || (!before.empty() && header.kind == Kind::v7)) {
    refuse_archive("E_ARCHIVE_HEADER", "an extended header, or the entry that it belongs to, has the magic of others");
  }
  const bool is_pair = (before == "K" && type == 'L') || (before == "L" && type == 'K');
  if (before.empty() || is_pair || !is_extended(type)) return;
  refuse_archive("E_ARCHIVE_HEADER", "extended headers of type \"", before, "\" and \"", std::string(1, type),
                 "\" stand before one entry");
}

/// GNU's long names: the text, and one zero at its end.
std::string long_name(std::string body) {
  if (body.empty() || body.find('\0') != body.size() - 1) {
    refuse_archive("E_ARCHIVE_HEADER", "a long name does not end with its only zero byte: ", printable(body, 200));
  }
  body.pop_back();
  return body;
}

/// Readers that know no pax obey the header.
std::uint64_t size_of(const TarHeader& header, std::optional<std::uint64_t> said) {
  if (!said || *said == header.size || (header.size == 0 && *said >= kLeastOfPax)) return said.value_or(header.size);
  refuse_archive("E_ARCHIVE_HEADER", printable(header.name, 200), " has ", *said, " bytes by its pax header, ",
                 header.size, " by its own");
}

/// The same with where a link leads, of which the header has room for the beginning.
std::string target_of(const TarHeader& header, const std::optional<std::string>& said) {
  if (!said || *said == header.target) return header.target;
  if (said->starts_with(header.target) && header.target.size() == kMostOwnTarget) return *said;
  refuse_archive("E_ARCHIVE_HEADER", "the link ", printable(header.name, 200), " leads to ", printable(*said, 200),
                 " by its extended header, to ", printable(header.target, 200), " by its own");
}

TarEntry::Type type_of(const TarHeader& header, const std::string& name) {
  using Type = TarEntry::Type;
  switch (header.type) {
    case '0': return Type::file;
    // How folders were told before they had a type.
    case '\0':
      if (!header.name.ends_with('/')) return Type::file;
      if (header.kind == TarHeader::Kind::v7) return Type::folder;
      refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " is an old folder in a header that has a magic");
    case '2': return Type::link;
    case '5': return Type::folder;
    default: break;
  }
  refuse_archive("E_ENTRY_TYPE", printable(name, 200), " is no file, folder or symbolic link: its type is \"",
                 printable(std::string_view(&header.type, 1), 8), "\"");
}

[[noreturn]] void refuse_own_name(const std::string& name) {
  refuse_archive("E_ARCHIVE_HEADER", "an entry is called something else by its extended header, and by its own ",
                 printable(name, 200));
}

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

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
  skip((kTarBlock - size % kTarBlock) % kTarBlock);
  return text;
}

void TarEntries::read_extended(const TarHeader& header, Extended& extended) {
  std::string body = text(header.size);
  if (header.type == 'g') check_global_pax(body);
  if (header.type == 'x') extended = parse_pax(body);
  if (header.type == 'L') extended.name = long_name(std::move(body));
  if (header.type == 'K') extended.target = long_name(std::move(body));
}

std::optional<TarEntry> TarEntries::entry_of(const TarHeader& header, const Extended& extended) {
  using Type = TarEntry::Type;
  const std::string& name = extended.name ? *extended.name : header.name;
  if (name.find('\0') != std::string::npos) refuse_archive("E_ENTRY_NAME", "an entry's name has a zero byte");
  TarEntry entry{type_of(header, name), clean_entry_name(name), target_of(header, extended.target),
                 size_of(header, extended.size)};
  const bool is_file = entry.type == Type::file;
  if (is_file ? entry.name.empty() : entry.size != 0) {
    refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " has bytes but is no file, or the other way round");
  }
  if (entry.type != Type::folder && name.ends_with('/')) {
    refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " is no folder, and ends with a slash");
  }
  if (entry.type != Type::link && !entry.target.empty()) {
    refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " is no link, and leads to ",
                   printable(entry.target, 200));
  }
  if (entry.size > kMostEntryBytes) {
    refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " claims ", entry.size, " bytes");
  }
  if (extended.name) take_own_name(header.name, entry.name);
  if (entry.name.empty()) return std::nullopt;  // the root itself
  if (entry.type == Type::link) entry.target = link_target(entry.name, entry.target);
  left_ = entry.size;
  padding_ = (kTarBlock - entry.size % kTarBlock) % kTarBlock;
  return entry;
}

/// What the header itself calls an entry that an extended header names: for readers without those that is its name, so
/// it must be none that another entry has, or that somebody looks for.
void TarEntries::take_own_name(const std::string& written, const std::string& name) {
  const std::string own = plain_name(written);
  if (own == name) return;
  const auto found = names_.find(own);
  if (is_document(own) || (found != names_.end() && found->second != TarEntry::Type::folder)) refuse_own_name(own);
  if (own_names_.insert(own).second) name_bytes_ += own.size();
}

/// Each name once, and nothing below what is no folder.
void TarEntries::take_name(const TarEntry& entry) {
  using Type = TarEntry::Type;
  name_bytes_ += entry.name.size() + entry.target.size();
  if (names_.size() == kMostEntries || name_bytes_ > kMostNamesBytes) {
    refuse_archive("E_ENTRY_NAME", "more than ", kMostEntries, " entries, or names of more than ", kMostNamesBytes,
                   " bytes");
  }
  if (entry.type != Type::folder && own_names_.contains(entry.name)) refuse_own_name(entry.name);
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
  bool is_after_global = false;
  Block block;
  while (fill(block)) {
    if (is_zero(block)) {
      if (!before.empty() || is_after_global) {
        refuse_archive("E_ARCHIVE_HEADER", "an extended header belongs to no entry");
      }
      read_end();
      finish();
      return std::nullopt;
    }
    const TarHeader header = parse_tar_header(block);
    check_order(before, header);
    is_after_global = header.type == 'g';
    if (is_extended(header.type)) {
      read_extended(header, extended);
      if (!is_after_global) before += header.type;
      continue;
    }
    auto entry = entry_of(header, extended);
    extended = {};
    before.clear();
    if (!entry) continue;
    take_name(*entry);
    return entry;
  }
  if (!before.empty() || is_after_global) {
    refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off after an extended header");
  }
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
