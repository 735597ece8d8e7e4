// SPDX-License-Identifier: Apache-2.0
#include "store/tar_names.h"

#include <algorithm>
#include <cstdint>

#include "store/archive_refusal.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostNameBytes = 4096;
constexpr std::size_t kMostComponents = 32;

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

}  // namespace

std::string_view parent_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
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

}  // namespace hallmark::store
