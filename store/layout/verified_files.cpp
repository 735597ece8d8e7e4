// SPDX-License-Identifier: Apache-2.0
#include "store/layout/verified_files.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "trust/error.h"

namespace hallmark::store {
namespace {

/// A line has some 120 bytes: half a million blobs.
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;

Path file_path(const Path& directory) { return own_folder(directory) / "verified"; }

/// Not the device: it has another number after each start of the machine.
bool is_same_file(const FileStatus& found, const FileStatus& listed) {
  return found.is_regular && found.is_private && found.size == listed.size && found.inode == listed.inode &&
         found.changed == listed.changed;
}

/// Others could write what they like into it.
bool is_private(const Path& path) {
  const auto status = status_of(path);
  return status && status->is_private;
}

/// What stands before the sign, which must be there, and goes with it.
std::string_view take_until(char sign, std::string_view& text) {
  const std::size_t end = text.find(sign);
  if (end == std::string_view::npos) fail(Fault::corrupt, "the list of vouchers is cut off");
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end + 1);
  return word;
}

template <class Number>
void take_number(char sign, std::string_view& text, Number& number) {
  const std::string_view word = take_until(sign, text);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) fail(Fault::corrupt, "expected a number");
}

/// A line: digest, size, inode, nanoseconds of the last change.
std::map<Digest, FileStatus> parse(std::string_view text) {
  std::map<Digest, FileStatus> files;
  FileStatus status{true, true, 0, 0, 0, 0};
  while (!text.empty()) {
    Digest digest = Digest::parse(take_until(' ', text));
    take_number(' ', text, status.size);
    take_number(' ', text, status.inode);
    take_number('\n', text, status.changed);
    files.emplace_hint(files.end(), std::move(digest), status);
  }
  return files;
}

}  // namespace

VerifiedFiles VerifiedFiles::read(const Path& directory) {
  VerifiedFiles verified_files(directory);
  try {
    // Through a link it would be the list of another store.
    require_no_link(own_folder(directory));
    // The folder as well: whoever can write there can exchange the list.
    if (!is_private(own_folder(directory)) || !is_private(file_path(directory))) return verified_files;
    if (const auto bytes = read_file(file_path(directory), kMostBytes)) verified_files.files_ = parse(text_of(*bytes));
  } catch (const Error&) {
    // No part of a list that cannot be read counts; the price is one more hash.
    return VerifiedFiles(directory);
  }
  return verified_files;
}

bool VerifiedFiles::contains(const Digest& digest, std::uint64_t size) const {
  const auto listed = files_.find(digest);
  return listed != files_.end() && listed->second.size == size && is_unchanged(*listed);
}

bool VerifiedFiles::contains(const Digest& digest) const {
  const auto listed = files_.find(digest);
  return listed != files_.end() && is_unchanged(*listed);
}

bool VerifiedFiles::is_unchanged(const VerifiedFile& file) const {
  const auto found = look_at(file.first);
  return found && is_same_file(*found, file.second);
}

std::optional<FileStatus> VerifiedFiles::look_at(const Digest& digest) const {
  return store_.status_of(blob_name(digest));
}

void VerifiedFiles::add(const Digest& digest) {
  if (const auto found = look_at(digest)) files_.insert_or_assign(digest, *found);
}

void VerifiedFiles::remove(const Digest& digest) { files_.erase(digest); }

void VerifiedFiles::write() const {
  std::ostringstream lines;
  for (const auto& [digest, status] : files_) {
    // What does not hold any more is dropped, or the list would only grow.
    if (!contains(digest, status.size)) continue;
    lines << digest.to_string() << ' ' << status.size << ' ' << status.inode << ' ' << status.changed << '\n';
  }
  const std::string text = std::move(lines).str();
  replace_file(file_path(directory_), own_folder(directory_) / "verified.new", view_of(text));
}

}  // namespace hallmark::store
