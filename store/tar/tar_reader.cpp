// SPDX-License-Identifier: Apache-2.0
#include "store/tar/tar_reader.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "store/stream/archive_refusal.h"

namespace hallmark::store {
namespace {

constexpr std::uint64_t kMostHeaderText = std::uint64_t{1} << 20U;
/// As much as a layer may have.
constexpr std::uint64_t kMostEntryBytes = std::uint64_t{1} << 40U;
/// From this size on eleven octal digits do not hold it, and writers leave it to the pax header.
constexpr std::uint64_t kLeastOfPax = std::uint64_t{1} << 33U;

/// How other archives begin, and what readers look for in texts. Where a tar has no magic, some believe these more than
/// its checksum: a first name that spells one would be another archive to them.
constexpr std::array<std::string_view, 11> kOthers{"BZh",    "LZIP", "LRZI",   "MSCF",  "MZ",  "begin ",
                                                   "begin-", "0707", "#mtree", "WARC/", "xar!"};

/// What begins otherwise is another kind of file.
void check_first(ByteView block) {
  try {
    check_tar_sum(block);
  } catch (const Error&) {
    refuse_archive("E_ARCHIVE_HEADER", "it is no tar: it begins with \"", printable(text_of(block.first(16)), 40),
                   "\"");
  }
  const auto* const other = std::find_if(kOthers.begin(), kOthers.end(),
                                         [&](std::string_view magic) { return text_of(block).starts_with(magic); });
  if (other == kOthers.end() && !has_control_characters(block)) return;
  if (other == kOthers.end()) {
    refuse_archive("E_ARCHIVE_HEADER", "its first header has a control character, as in a compressed or encoded text");
  }
  refuse_archive("E_ARCHIVE_HEADER", "its first name begins as another kind of archive does: ", *other);
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
  // To readers in C a zero ends the name, to others it does not.
  if (body.size() < 2 || body.find('\0') != body.size() - 1) {
    refuse_archive("E_ARCHIVE_HEADER",
                   "a long name is empty, or does not end with its only zero byte: ", printable(body, 200));
  }
  body.pop_back();
  return body;
}

/// Some unpackers take what is found under the name of a header for all entries away: it must be one that nobody else
/// has. Git and Go, Python, GNU tar and POSIX call theirs so.
void check_global_name(const std::string& name) {
  const std::string last = name.substr(name.rfind('/') + 1);
  if (name == "pax_global_header" || name == "././@PaxHeader" || last.starts_with("GlobalHead.")) return;
  refuse_archive("E_ARCHIVE_HEADER", "a header for all entries has this name: ", printable(name, 200));
}

/// Readers that know no pax obey the header.
std::uint64_t size_of(const TarHeader& header, std::optional<std::uint64_t> said) {
  if (!said || *said == header.size || (header.size == 0 && *said >= kLeastOfPax)) return said.value_or(header.size);
  refuse_archive("E_ARCHIVE_HEADER", printable(header.name, 200), " has ", *said, " bytes by its pax header, ",
                 header.size, " by its own");
}

TarItem::Type type_of(const TarHeader& header, const std::string& name) {
  using Type = TarItem::Type;
  switch (header.type) {
    case '0': return Type::file;
    // How folders were told before they had a type.
    case '\0':
      if (!header.name.ends_with('/')) return Type::file;
      if (header.kind == TarHeader::Kind::v7) return Type::folder;
      // Some readers go by the slash, others by the type.
      refuse_archive("E_ARCHIVE_HEADER", printable(name, 200), " is an old folder in a header that has a magic");
    case '1': return Type::hard_link;
    case '2': return Type::link;
    case '3':
    case '4':
    case '6': return Type::device;
    case '5': return Type::folder;
    default: break;
  }
  // Contiguous files ('7') as well, which some readers take for plain ones.
  refuse_archive("E_ENTRY_TYPE", printable(name, 200), " is of a type that readers do not agree about: \"",
                 printable(std::string_view(&header.type, 1), 8), "\"");
}

/// What one reader would take and another one would not see.
void check_parts(const TarItem& item) {
  using Type = TarItem::Type;
  if (item.type != Type::file && item.size != 0) {
    refuse_archive("E_ARCHIVE_HEADER", printable(item.name, 200), " has bytes, and is no file");
  }
  if (item.type != Type::folder && item.name.ends_with('/')) {
    refuse_archive("E_ARCHIVE_HEADER", printable(item.name, 200), " is no folder, and ends with a slash");
  }
  if (item.type != Type::link && item.type != Type::hard_link && !(item.target + item.own_target).empty()) {
    refuse_archive("E_ARCHIVE_HEADER", printable(item.name, 200), " is no link, and leads to ",
                   printable(item.target + item.own_target, 200));
  }
  if (item.size > kMostEntryBytes) {
    refuse_archive("E_ARCHIVE_HEADER", printable(item.name, 200), " claims ", item.size, " bytes");
  }
}

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

bool TarReader::fill(Block& block) {
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

void TarReader::skip(std::uint64_t size) {
  while (size > 0) {
    if (rest_.empty()) rest_ = pull_();
    if (rest_.empty()) refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off within an entry");
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, rest_.size()));
    rest_ = rest_.subspan(part);
    size -= part;
  }
}

ByteView TarReader::data() {
  if (left_ == 0) return {};
  if (rest_.empty()) rest_ = pull_();
  if (rest_.empty()) refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off within an entry");
  const auto part = rest_.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest_.size())));
  rest_ = rest_.subspan(part.size());
  left_ -= part.size();
  return part;
}

/// The body of an extended header.
std::string TarReader::text(std::uint64_t size) {
  if (size > kMostHeaderText) refuse_archive("E_ARCHIVE_HEADER", "an extended header has ", size, " bytes");
  std::string text;
  left_ = size;
  for (ByteView part = data(); !part.empty(); part = data()) text += text_of(part);
  skip((kTarBlock - size % kTarBlock) % kTarBlock);
  return text;
}

void TarReader::read_extended(const TarHeader& header, Extended& extended) {
  std::string body = text(header.size);
  switch (header.type) {
    case 'g':
      check_global_name(header.name);
      check_global_pax(body);
      break;
    case 'x': extended = parse_pax(body); break;
    case 'L': extended.name = long_name(std::move(body)); break;
    default: extended.target = long_name(std::move(body)); break;
  }
}

TarItem TarReader::item_of(const TarHeader& header, const Extended& extended) {
  const std::string& name = extended.name ? *extended.name : header.name;
  if (name.empty()) refuse_archive("E_ARCHIVE_HEADER", "a header has no name");
  if (name.find('\0') != std::string::npos) refuse_archive("E_ENTRY_NAME", "an entry's name has a zero byte");
  TarItem item{type_of(header, name),         name, header.name, extended.target.value_or(header.target), header.target,
               size_of(header, extended.size)};
  check_parts(item);
  left_ = item.size;
  padding_ = (kTarBlock - item.size % kTarBlock) % kTarBlock;
  return item;
}

std::optional<TarItem> TarReader::next() {
  if (is_finished_) return std::nullopt;
  skip(std::exchange(left_, 0));
  skip(std::exchange(padding_, 0));
  Extended extended;
  std::vector<std::string> header_names;
  std::string before;  // the types of the extended headers that the next entry has
  bool is_after_global = false;
  Block block;
  while (fill(block)) {
    if (is_zero(block)) {
      if (!before.empty() || is_after_global) {
        refuse_archive("E_ARCHIVE_HEADER", "an extended header belongs to no entry");
      }
      // To the end of the input: nothing may follow, and whoever writes a pipe must be able to write all of it.
      read_end();
      is_finished_ = true;
      return std::nullopt;
    }
    const TarHeader header = parse_tar_header(block);
    check_order(before, header);
    is_after_global = header.type == 'g';
    if (!is_extended(header.type)) {
      TarItem item = item_of(header, extended);
      item.header_names = std::move(header_names);
      return item;
    }
    if (header.name.empty()) refuse_archive("E_ARCHIVE_HEADER", "an extended header has no name");
    read_extended(header, extended);
    // It is about all entries: it does not count among the headers of the next one.
    if (is_after_global) continue;
    before += header.type;
    header_names.push_back(header.name);
  }
  if (!before.empty() || is_after_global) {
    refuse_archive("E_ARCHIVE_TRUNCATED", "it is cut off after an extended header");
  }
  // No end mark: end_blocks() says so, and the caller decides what that means.
  is_finished_ = true;
  return std::nullopt;
}

/// After a block of zeros: another one, and then nothing but zeros.
void TarReader::read_end() {
  Block block;
  end_blocks_ = 1;
  if (!fill(block)) return;
  end_blocks_ = 2;
  if (!is_zero(block)) refuse_archive("E_ARCHIVE_HEADER", "a single block of zeros stands between two entries");
  std::uint64_t zeros = 2 * kTarBlock;
  for (; !rest_.empty() || !(rest_ = pull_()).empty(); rest_ = {}) {
    zeros += rest_.size();
    if (!is_zero(rest_)) refuse_archive("E_ARCHIVE_TRAILING", "something follows the tar's end mark");
    if (zeros > kMostTarPadding) refuse_archive("E_ARCHIVE_TRAILING", "more than ", kMostTarPadding, " zeros follow");
  }
}

}  // namespace hallmark::store
