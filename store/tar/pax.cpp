// SPDX-License-Identifier: Apache-2.0
#include "store/tar/pax.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <set>

#include "store/stream/archive_refusal.h"

namespace hallmark::store {
namespace {

/// A name that is empty is none to some readers, and an empty one to others.
enum class Form { name, text, charset, count, owner, time, number, bytes };

struct Key {
  std::string_view name;  ///< with a dot at its end: every key that begins so
  Form form;
  bool is_for_all;  ///< may stand in a header that counts for all entries
};
/// POSIX; then what GNU tar, libarchive, and Go and Python's libraries add of files as they find them on a disk.
constexpr std::array<Key, 25> kKeys{{{"path", Form::name, false},
                                     {"linkpath", Form::name, false},
                                     {"size", Form::count, false},
                                     {"hdrcharset", Form::charset, false},
                                     {"comment", Form::text, true},
                                     {"uid", Form::owner, true},
                                     {"gid", Form::owner, true},
                                     {"uname", Form::text, true},
                                     {"gname", Form::text, true},
                                     {"mtime", Form::time, true},
                                     {"atime", Form::time, true},
                                     {"ctime", Form::time, true},
                                     {"SCHILY.dev", Form::number, false},
                                     {"SCHILY.devmajor", Form::owner, false},
                                     {"SCHILY.devminor", Form::owner, false},
                                     {"SCHILY.ino", Form::number, false},
                                     {"SCHILY.nlink", Form::number, false},
                                     {"SCHILY.fflags", Form::text, false},
                                     {"SCHILY.acl.access", Form::bytes, false},
                                     {"SCHILY.acl.default", Form::bytes, false},
                                     {"SCHILY.acl.ace", Form::bytes, false},
                                     {"SCHILY.xattr.", Form::bytes, false},
                                     {"LIBARCHIVE.xattr.", Form::text, false},
                                     {"LIBARCHIVE.creationtime", Form::time, false},
                                     {"RHT.security.selinux", Form::text, false}}};

constexpr std::string_view kDigits = "0123456789";
/// More than these stop some reader: 64 bits, the seconds of 30,000 years, and parts of a second.
constexpr std::size_t kMostDigits = 20;
constexpr std::size_t kMostSecondDigits = 12;
constexpr std::size_t kMostPartDigits = 18;
/// The last number is no user's: it means that nothing changes.
constexpr std::uint64_t kMostOwner = 0xfffffffe;

[[noreturn]] void refuse_pax() { refuse_archive("E_ARCHIVE_HEADER", "a pax header cannot be read"); }

bool is_digits(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && text.find_first_not_of(kDigits) == std::string_view::npos;
}

bool is_count(std::string_view text) {
  return is_digits(text, kMostDigits) && (text.size() == 1 || text.front() != '0');
}

bool is_owner(std::string_view text) {
  std::uint64_t number = 0;
  if (!is_count(text) || std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc())
    return false;
  return number <= kMostOwner;
}

bool has_form(std::string_view value, Form form) {
  if (form == Form::bytes) return true;
  if (form == Form::name && value.empty()) return false;
  if (form == Form::text || form == Form::name)
    return value.find_first_of(std::string_view("\0\n", 2)) == std::string_view::npos;
  // What POSIX has, and GNU tar and Python's library write where a name is none of UTF-8.
  if (form == Form::charset) return value == "BINARY" || value == "ISO-IR 10646 2000 UTF-8";
  if (form == Form::count) return is_count(value);
  if (form == Form::owner) return is_owner(value);
  if (value.starts_with('-')) value.remove_prefix(1);
  if (form == Form::number) return is_digits(value, kMostDigits);
  const std::size_t dot = value.find('.');
  if (dot == std::string_view::npos) return is_digits(value, kMostSecondDigits);
  return is_digits(value.substr(0, dot), kMostSecondDigits) && is_digits(value.substr(dot + 1), kMostPartDigits);
}

const Key& known_key(std::string_view key, std::string_view value) {
  if (key.starts_with("GNU.sparse.")) {
    refuse_archive("E_ENTRY_TYPE",
                   "it has a sparse file; tar makes none without --sparse, bsdtar with --no-read-sparse");
  }
  const auto* known = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& one) {
    // The name of an attribute is up to the file system; only the prefix before it is on the list.
    return one.name.ends_with('.') ? key.starts_with(one.name) && key.size() > one.name.size() : key == one.name;
  });
  if (known == kKeys.end()) {
    refuse_archive("E_ARCHIVE_HEADER", "a pax header has a key that readers do not agree about: ", printable(key, 80));
  }
  // A known key with a value in an odd form is read in as many ways as an unknown one.
  if (!has_form(value, known->form)) {
    refuse_archive("E_ARCHIVE_HEADER", "a pax header has this for ", printable(key, 80), ": ", printable(value, 200),
                   known->form == Form::time ? ", expected a plain decimal number" : "");
  }
  return *known;
}

/// Shows one record after the other: "length key=value\n", the length being that of the whole record.
void each_record(std::string_view records, const std::function<void(std::string_view, std::string_view)>& listener) {
  std::set<std::string_view> seen;
  for (std::string_view left = records; !left.empty();) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), length);
    const auto digits = static_cast<std::size_t>(end - left.data());
    // No sign, no zero in front, and a length that counts itself: other forms are read in several ways.
    if (error != std::errc() || left.front() == '0' || length > left.size() || length < digits + 3) refuse_pax();
    const std::string_view record = left.substr(digits, length - digits);
    const std::size_t equals = record.find('=');
    if (!record.starts_with(' ') || !record.ends_with('\n') || equals == std::string_view::npos) refuse_pax();
    const std::string_view key = record.substr(1, equals - 1);
    // A reader that goes by line ends would see another key there.
    if (key.find_first_of(std::string_view("\0\n", 2)) != std::string_view::npos) refuse_pax();
    // The last of two counts to some readers, the first to others.
    if (!seen.insert(key).second) {
      refuse_archive("E_ARCHIVE_HEADER", "a pax header says \"", printable(key, 80), "\" twice");
    }
    listener(key, record.substr(equals + 1, record.size() - equals - 2));
    left.remove_prefix(length);
  }
}

}  // namespace

PaxHeader parse_pax(std::string_view records) {
  PaxHeader header;
  each_record(records, [&](std::string_view key, std::string_view value) {
    static_cast<void>(known_key(key, value));
    if (key == "path") header.name = value;
    if (key == "linkpath") header.target = value;
    if (key != "size") return;
    std::uint64_t size = 0;
    // Twenty digits may say more than 64 bits hold.
    if (std::from_chars(value.data(), value.data() + value.size(), size).ec != std::errc()) refuse_pax();
    header.size = size;
  });
  return header;
}

void check_global_pax(std::string_view records) {
  each_record(records, [](std::string_view key, std::string_view value) {
    if (known_key(key, value).is_for_all) return;
    refuse_archive("E_ARCHIVE_HEADER", "a pax header for all entries says what one of them is: ", printable(key, 80));
  });
}

}  // namespace hallmark::store
