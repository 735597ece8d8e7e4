// SPDX-License-Identifier: Apache-2.0
//
// The entries of an archive of images, as store/tar/tar_reader.h reads them: files, folders and symbolic links with
// names that every reader understands in one way. Nothing is made on disk. Refusals have the words of
// store/stream/archive_refusal.h.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "store/tar/tar_reader.h"
#include "trust/bytes.h"

namespace hallmark::store {

struct TarEntry {
  enum class Type { file, folder, link };
  Type type;
  std::string name;    ///< without "./" before it and without a slash at its end; unique within the tar
  std::string target;  ///< of a link: where it leads within the tar
  std::uint64_t size;  ///< of a file
};

/// Remembers every name, since each is held against all that came before it.
class TarEntries {
 public:
  explicit TarEntries(TarReader::Pull pull) : reader_(std::move(pull)) {}

  /// What is left of the last entry is passed over. Absent at the end: all of the input was read then, and every link
  /// leads to a file.
  std::optional<TarEntry> next();
  /// More of the entry's bytes, empty at their end. They are there until the next call.
  ByteView data() { return reader_.data(); }
  /// Whether the tar ended between two entries, without the zeros that should stand there.
  [[nodiscard]] bool lacks_end_mark() const { return reader_.end_blocks() < 2; }
  /// All that came by, by name.
  [[nodiscard]] const std::map<std::string, TarEntry::Type>& names() const { return names_; }
  /// Where the named link leads; the name itself when it is none.
  [[nodiscard]] const std::string& followed(const std::string& name) const;

 private:
  std::optional<TarEntry> entry_of(const TarItem& item);
  void take_own_name(const std::string& written, const std::string& name);
  void take_name(const TarEntry& entry);
  void take_folded(const std::string& name);
  void check_sum() const;
  void finish();

  TarReader reader_;
  std::size_t name_bytes_ = 0;
  std::map<std::string, TarEntry::Type> names_;
  std::set<std::string> own_names_;  // of entries that extended headers name
  std::set<std::string> folded_;     // names as file systems may take them, where they are others
  std::set<std::string> parents_;
  std::map<std::string, std::string> links_;
};

}  // namespace hallmark::store
