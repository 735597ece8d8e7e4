// SPDX-License-Identifier: Apache-2.0
#include "store/tar/tar_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "store/image/members.h"
#include "store/stream/archive_refusal.h"
#include "trust/shown.h"

namespace hallmark::store {
namespace {

/// PATH_MAX of Linux: under a longer name nothing could be unpacked.
constexpr std::size_t kMostNameBytes = 4096;
/// Each level is remembered as a folder, so a name must not choose how many there are.
constexpr std::size_t kMostComponents = 32;

/// Default_Ignorable_Code_Point of Unicode 15.1, DerivedCoreProperties.txt: file systems that fold letters leave these
/// out as well.
struct Ignored {
  std::uint32_t first;
  std::uint32_t last;
};
constexpr std::array kIgnored{Ignored{0x00ad, 0x00ad},   Ignored{0x034f, 0x034f},  Ignored{0x061c, 0x061c},
                              Ignored{0x115f, 0x1160},   Ignored{0x17b4, 0x17b5},  Ignored{0x180b, 0x180f},
                              Ignored{0x200b, 0x200f},   Ignored{0x202a, 0x202e},  Ignored{0x2060, 0x206f},
                              Ignored{0x3164, 0x3164},   Ignored{0xfe00, 0xfe0f},  Ignored{0xfeff, 0xfeff},
                              Ignored{0xffa0, 0xffa0},   Ignored{0xfff0, 0xfff8},  Ignored{0x1bca0, 0x1bca3},
                              Ignored{0x1d173, 0x1d17a}, Ignored{0xe0000, 0xe0fff}};

bool is_ignored(std::uint32_t code) {
  return std::any_of(kIgnored.begin(), kIgnored.end(),
                     [code](const Ignored& range) { return code >= range.first && code <= range.last; });
}

/// Full case folding of Unicode takes these apart (CaseFolding.txt, status F).
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kJoined{{{"\xef\xac\x80", "ff"},
                                                                                {"\xef\xac\x81", "fi"},
                                                                                {"\xef\xac\x82", "fl"},
                                                                                {"\xef\xac\x83", "ffi"},
                                                                                {"\xef\xac\x84", "ffl"},
                                                                                {"\xef\xac\x85", "st"},
                                                                                {"\xef\xac\x86", "st"}}};

void check_characters(const std::string& name) {
  for (std::string_view left = name; !left.empty();) {
    const Character character = first_character(left);
    // What is no UTF-8 some file systems refuse or change; a backslash parts folders on others.
    if (!character.is_utf8 || character.code < 0x20 || character.code == 0x7f || character.code == '\\') {
      refuse_archive("E_ENTRY_NAME", "an entry's name has a character that names have not: ", printable(name, 200));
    }
    left.remove_prefix(character.length);
  }
}

}  // namespace

std::string folded_name(std::string_view name) {
  std::string seen;
  for (std::string_view left = name; !left.empty();) {
    const Character character = first_character(left);
    if (!character.is_utf8 || !is_ignored(character.code)) seen += left.substr(0, character.length);
    left.remove_prefix(character.length);
  }
  // After those were taken out: one between two letters must not keep them from being folded.
  seen = folded(seen);
  for (const auto& [joined, letters] : kJoined) {
    for (std::size_t at = seen.find(joined); at != std::string::npos; at = seen.find(joined)) {
      seen.replace(at, joined.size(), letters);
    }
  }
  std::string plain;
  for (std::string_view left = seen; !left.empty();) {
    const std::size_t end = std::min(left.find('/'), left.size());
    // Behind a colon NTFS has streams of the same file.
    const std::string_view part = left.substr(0, std::min(end, left.find(':')));
    const bool is_up = part.starts_with("..") && part.find_first_not_of(" .") == std::string_view::npos;
    plain += is_up ? ".." : part.substr(0, part.find_last_not_of(" .") + 1);
    left.remove_prefix(end);
    if (left.empty()) break;
    plain += '/';
    left.remove_prefix(1);
  }
  return plain_name(plain);
}

std::string_view parent_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

std::string plain_name(const std::string& name) {
  std::string plain;
  for (std::string_view left = name; !left.empty();) {
    const std::size_t slash = std::min(left.find('/'), left.size());
    const std::string_view part = left.substr(0, slash);
    left.remove_prefix(std::min(slash + 1, left.size()));
    // Above the root is the root, as unpackers have it.
    if (part == "..") {
      plain = parent_of(plain);
    } else if (!part.empty() && part != ".") {
      plain += (plain.empty() ? "" : "/") + std::string(part);
    }
  }
  return plain;
}

std::string link_target(const std::string& name, const std::string& written) {
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
      // An unpacker that follows it would write outside of its folder.
      if (at.empty()) refuse("leads out of the archive");
      at = parent_of(at);
    } else if (!part.empty() && part != ".") {
      at += (at.empty() ? "" : "/") + std::string(part);
    }
  }
  if (at.empty()) refuse("leads to no file");
  return at;
}

std::string clean_entry_name(const std::string& name) {
  const auto refuse = [&](std::string_view why) {
    refuse_archive("E_ENTRY_NAME", "an entry's name ", why, ": ", printable(name, 200));
  };
  if (name.size() > kMostNameBytes) refuse("is too long");
  check_characters(name);
  std::string_view left = name;
  if (left.starts_with('/')) refuse("is absolute");
  // tar(1) writes it before every name when it packs a folder by ".".
  if (left.starts_with("./")) left.remove_prefix(2);
  // An unpacker that knows drives takes the drive away: the entry would be one of another name.
  const bool has_letter = !left.empty() && ((left[0] | 0x20) >= 'a' && (left[0] | 0x20) <= 'z');
  if (has_letter && left.substr(1).starts_with(':')) refuse("begins with the letter of a drive");
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

}  // namespace hallmark::store
