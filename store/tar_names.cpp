// SPDX-License-Identifier: Apache-2.0
#include "store/tar_names.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "store/archive_refusal.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostNameBytes = 4096;
constexpr std::size_t kMostComponents = 32;

/// The sequences of UTF-8 by their first byte (RFC 3629, section 4).
struct Sequences {
  std::uint8_t first_least;
  std::uint8_t first_most;
  std::uint8_t second_least;  ///< of the byte that follows; those after it are 0x80 to 0xbf
  std::uint8_t second_most;
  std::size_t length;
};

constexpr std::array<Sequences, 9> kSequences{{{0x00, 0x7f, 0x00, 0x00, 1},
                                               {0xc2, 0xdf, 0x80, 0xbf, 2},
                                               {0xe0, 0xe0, 0xa0, 0xbf, 3},
                                               {0xe1, 0xec, 0x80, 0xbf, 3},
                                               {0xed, 0xed, 0x80, 0x9f, 3},
                                               {0xee, 0xef, 0x80, 0xbf, 3},
                                               {0xf0, 0xf0, 0x90, 0xbf, 4},
                                               {0xf1, 0xf3, 0x80, 0xbf, 4},
                                               {0xf4, 0xf4, 0x80, 0x8f, 4}}};

/// How many bytes the UTF-8 sequence at the beginning has; 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const auto is_between = [&](std::size_t i, std::uint8_t least, std::uint8_t most) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    return byte >= least && byte <= most;
  };
  const auto* kind = std::find_if(kSequences.begin(), kSequences.end(), [&](const Sequences& sequences) {
    return is_between(0, sequences.first_least, sequences.first_most);
  });
  if (kind == kSequences.end() || text.size() < kind->length) return 0;
  if (kind->length > 1 && !is_between(1, kind->second_least, kind->second_most)) return 0;
  for (std::size_t i = 2; i < kind->length; ++i) {
    if (!is_between(i, 0x80, 0xbf)) return 0;
  }
  return kind->length;
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

}  // namespace

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
