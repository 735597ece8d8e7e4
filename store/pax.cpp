// SPDX-License-Identifier: Apache-2.0
#include "store/pax.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <set>

#include "store/archive_refusal.h"

namespace hallmark::store {
namespace {

/// A name that is empty is none to some readers, and an empty one to others.
enum class Form { name, text, count, time, number, bytes };

struct Key {
  std::string_view name;  ///< with a dot at its end: every key that begins so
  Form form;
  bool is_for_all;  ///< may stand in a header that counts for all entries
};
/// POSIX; then what GNU tar, libarchive, and Go and Python's libraries add of files as they find them on a disk.
constexpr std::array<Key, 22> kKeys{{{"path", Form::name, false},
                                     {"linkpath", Form::name, false},
                                     {"size", Form::count, false},
                                     {"comment", Form::text, true},
                                     {"uid", Form::count, true},
                                     {"gid", Form::count, true},
                                     {"uname", Form::text, true},
                                     {"gname", Form::text, true},
                                     {"mtime", Form::time, true},
                                     {"atime", Form::time, true},
                                     {"ctime", Form::time, true},
                                     {"SCHILY.dev", Form::number, false},
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

[[noreturn]] void refuse_pax() { refuse_archive("E_ARCHIVE_HEADER", "a pax header cannot be read"); }

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

bool has_form(std::string_view value, Form form) {
  if (form == Form::bytes) return true;
  if (form == Form::name && value.empty()) return false;
  if (form == Form::text || form == Form::name)
    return value.find_first_of(std::string_view("\0\n", 2)) == std::string_view::npos;
  if (form == Form::count) return is_digits(value) && (value.size() == 1 || value.front() != '0');
  if (value.starts_with('-')) value.remove_prefix(1);
  const std::size_t dot = value.find('.');
  if (form == Form::number || dot == std::string_view::npos) return is_digits(value);
  return is_digits(value.substr(0, dot)) && is_digits(value.substr(dot + 1));
}

const Key& known_key(std::string_view key, std::string_view value) {
  if (key.starts_with("GNU.sparse.")) refuse_archive("E_ENTRY_TYPE", "it has a sparse file");
  const auto* known = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& one) {
    return one.name.ends_with('.') ? key.starts_with(one.name) && key.size() > one.name.size() : key == one.name;
  });
  if (known == kKeys.end()) {
    refuse_archive("E_ARCHIVE_HEADER", "a pax header has a key that readers do not agree about: ", printable(key, 80));
  }
  if (!has_form(value, known->form)) {
    refuse_archive("E_ARCHIVE_HEADER", "a pax header has this for ", printable(key, 80), ": ", printable(value, 200));
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
    if (error != std::errc() || left.front() == '0' || length > left.size() || length < digits + 3) refuse_pax();
    const std::string_view record = left.substr(digits, length - digits);
    const std::size_t equals = record.find('=');
    if (!record.starts_with(' ') || !record.ends_with('\n') || equals == std::string_view::npos) refuse_pax();
    const std::string_view key = record.substr(1, equals - 1);
    if (key.find_first_of(std::string_view("\0\n", 2)) != std::string_view::npos) refuse_pax();
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
