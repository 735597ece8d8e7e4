// SPDX-License-Identifier: Apache-2.0
#include "store/archive/tar_entries.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "store/archive/archive_words.h"
#include "store/stream/archive_refusal.h"
#include "store/tar/tar_names.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostEntries = 100'000;
/// What all names together may take: they stay in memory, and short ones have more around them than in them.
constexpr std::size_t kMostNamesBytes = std::size_t{36} << 20U;
/// What a node of a map takes besides its text, and an entry here and where its blob is remembered.
constexpr std::size_t kNodeBytes = 100;
constexpr std::size_t kEntryBytes = 250;
/// The room that a header has for a target.
constexpr std::size_t kMostOwnTarget = 100;

/// Readers that know no extended headers obey the header, which has room for the beginning of where a link leads.
void check_target(const TarItem& item) {
  if (item.target == item.own_target) return;
  // Writers cut what is too long, and nothing else may differ.
  if (item.target.starts_with(item.own_target) && item.own_target.size() == kMostOwnTarget) return;
  refuse_archive("E_ARCHIVE_HEADER", "the link ", printable(item.name, 200), " leads to ", printable(item.target, 200),
                 " by its extended header, to ", printable(item.own_target, 200), " by its own");
}

TarEntry::Type type_of(const TarItem& item) {
  switch (item.type) {
    case TarItem::Type::file: return TarEntry::Type::file;
    case TarItem::Type::folder: return TarEntry::Type::folder;
    case TarItem::Type::link: return TarEntry::Type::link;
    // Hard links and devices: no writer of images needs them, and unpackers differ about them.
    default: break;
  }
  refuse_archive("E_ENTRY_TYPE", printable(item.name, 200), " is no file, folder or symbolic link");
}

/// By some loader, in some spelling.
bool is_looked_for(const std::string& name) {
  const std::string plain = folded_name(name);
  return is_document(plain) || is_of_first_format(plain) || digest_of_path(plain).has_value();
}

/// What unpackers that know no extended headers find under the names of these.
void check_header_names(const TarItem& item) {
  for (const std::string& name : item.header_names) {
    if (!is_looked_for(plain_name(name))) continue;
    refuse_archive("E_ARCHIVE_HEADER", "an extended header is called ", printable(name, 200));
  }
}

void check_own_words(const TarItem& item) {
  if (item.own_name.empty()) refuse_archive("E_ARCHIVE_HEADER", "a header has no name");
  // Every name that some reader obeys, those of extended headers and those that they replace.
  std::vector<std::string> words = item.header_names;
  words.insert(words.end(), {item.own_name, item.own_target, item.target});
  for (const std::string& word : words) {
    if (std::none_of(word.begin(), word.end(), is_control)) continue;
    refuse_archive("E_ARCHIVE_HEADER", "a header has a control character in a name: ", printable(word, 200));
  }
}

[[noreturn]] void refuse_own_name(const std::string& name) {
  refuse_archive("E_ARCHIVE_HEADER", "an entry is called something else by its extended header, and by its own ",
                 printable(name, 200));
}

}  // namespace

/// Absent for the root itself.
std::optional<TarEntry> TarEntries::entry_of(const TarItem& item) {
  using Type = TarEntry::Type;
  check_own_words(item);
  TarEntry entry{type_of(item), clean_entry_name(item.name), item.target, item.size};
  check_header_names(item);
  check_target(item);
  if (entry.type != Type::folder && entry.name.empty()) {
    refuse_archive("E_ARCHIVE_HEADER", printable(item.name, 200), " is the root, and no folder");
  }
  // Readers without extended headers find the entry under its own name.
  if (item.name != item.own_name) take_own_name(item.own_name, entry.name);
  if (entry.name.empty()) return std::nullopt;
  if (entry.type == Type::link) entry.target = link_target(entry.name, entry.target);
  return entry;
}

/// What the header itself calls an entry that an extended header names: for readers without those that is its name, so
/// it must be none that another entry has, or that somebody looks for.
void TarEntries::take_own_name(const std::string& written, const std::string& name) {
  const std::string own = plain_name(written);
  if (own == name) return;
  const auto found = names_.find(own);
  if (is_looked_for(own) || (found != names_.end() && found->second != TarEntry::Type::folder)) refuse_own_name(own);
  if (own_names_.insert(own).second) name_bytes_ += own.size() + kNodeBytes;
  check_sum();
}

void TarEntries::check_sum() const {
  if (names_.size() < kMostEntries && name_bytes_ <= kMostNamesBytes) return;
  refuse_archive("E_ENTRY_NAME", "more than ", kMostEntries, " entries, or names that take more than ", kMostNamesBytes,
                 " bytes");
}

/// Two names that some file system takes for one: there the last of them is what both say.
void TarEntries::take_folded(const std::string& name) {
  // What is called after a digest, colon and all, is no stream of a file.
  const std::string folded = digest_promised_by(name) ? name : folded_name(name);
  const bool is_plain = folded == name;
  // The plain spelling may have come first, or another one that folds to the same.
  const bool is_known = is_plain ? folded_.contains(name) : names_.contains(folded) || !folded_.insert(folded).second;
  if (is_known) {
    refuse_archive("E_ENTRY_NAME", "an entry is called ", printable(name, 200),
                   ", another spelling of the name of one that is in it as well");
  }
  if (!is_plain) name_bytes_ += folded.size() + kNodeBytes;
}

/// Each name once, and nothing below what is no folder.
void TarEntries::take_name(const TarEntry& entry) {
  using Type = TarEntry::Type;
  name_bytes_ += entry.name.size() + kEntryBytes;
  check_sum();
  // An earlier entry is called so by its own header.
  if (entry.type != Type::folder && own_names_.contains(entry.name)) refuse_own_name(entry.name);
  if (!names_.emplace(entry.name, entry.type).second) {
    refuse_archive("E_ENTRY_DUPLICATE", "two entries are called ", printable(entry.name, 200));
  }
  take_folded(entry.name);
  if (entry.type == Type::link) {
    links_.emplace(entry.name, entry.target);
    name_bytes_ += entry.name.size() + entry.target.size() + kNodeBytes;
  }
  if (entry.type != Type::folder && parents_.contains(entry.name)) {
    refuse_archive(entry.type == Type::link ? "E_LINK_TARGET" : "E_ENTRY_DUPLICATE", printable(entry.name, 200),
                   " is no folder, and entries lie in it");
  }
  // Nothing lies below a link or a file: unpackers would follow the link, or replace the file.
  for (std::string_view parent = parent_of(entry.name); !parent.empty(); parent = parent_of(parent)) {
    const auto found = names_.find(std::string(parent));
    if (found != names_.end() && found->second != Type::folder) {
      refuse_archive(found->second == Type::link ? "E_LINK_TARGET" : "E_ENTRY_DUPLICATE", printable(entry.name, 200),
                     " lies in what is no folder");
    }
    if (!parents_.emplace(parent).second) break;
    name_bytes_ += parent.size() + kNodeBytes;
  }
}

std::optional<TarEntry> TarEntries::next() {
  while (const auto item = reader_.next()) {
    auto entry = entry_of(*item);
    if (!entry) continue;
    take_name(*entry);
    return entry;
  }
  finish();
  return std::nullopt;
}

/// Every link has to lead to a file.
void TarEntries::finish() {
  // At the end: a link may stand before the file to which it leads.
  for (const auto& [name, target] : links_) {
    // A link to a link leads to no file: readers follow such lines differently.
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
