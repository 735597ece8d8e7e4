// SPDX-License-Identifier: Apache-2.0
//
// The entries of a tar that somebody else made, one after the other, in one forward pass: ustar, pax and GNU headers.
// Stricter than any extractor, since extractors disagree: what two of them would read in two ways is refused.
// Nothing is made on disk. Refusals have the words of store/archive_refusal.h.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "store/pax.h"
#include "store/tar_header.h"
#include "trust/bytes.h"

namespace hallmark::store {

struct TarEntry {
  enum class Type { file, folder, link };
  Type type;
  std::string name;    ///< without "./" before it and without a slash at its end; unique within the tar
  std::string target;  ///< of a link: where it leads within the tar
  std::uint64_t size;  ///< of a file
};

class TarEntries {
 public:
  /// More of the tar, empty at its end.
  using Pull = std::function<ByteView()>;
  explicit TarEntries(Pull pull) : pull_(std::move(pull)) {}

  /// What is left of the last entry is passed over. Absent at the end: all of the input was read then, and every link
  /// leads to a file.
  std::optional<TarEntry> next();
  /// More of the entry's bytes, empty at their end. They are there until the next call.
  ByteView data();
  /// Whether the tar ended between two entries, without the zeros that should stand there.
  [[nodiscard]] bool lacks_end_mark() const { return lacks_end_mark_; }
  /// All that came by, by name.
  [[nodiscard]] const std::map<std::string, TarEntry::Type>& names() const { return names_; }
  /// Where the named link leads; the name itself when it is none.
  [[nodiscard]] const std::string& followed(const std::string& name) const;

 private:
  using Block = std::array<std::uint8_t, kTarBlock>;
  /// What extended headers say of the entry that comes next, GNU's as well.
  using Extended = PaxHeader;

  [[nodiscard]] bool fill(Block& block);
  void skip(std::uint64_t size);
  std::string text(std::uint64_t size);
  void read_extended(const TarHeader& header, Extended& extended);
  std::optional<TarEntry> entry_of(const TarHeader& header, const Extended& extended);
  void take_own_name(const std::string& written, const std::string& name);
  void take_name(const TarEntry& entry);
  void read_end();
  void finish();

  Pull pull_;
  ByteView rest_;
  std::uint64_t left_ = 0;     // of the entry
  std::uint64_t padding_ = 0;  // after it
  bool has_begun_ = false;
  bool lacks_end_mark_ = false;
  bool is_finished_ = false;
  std::size_t name_bytes_ = 0;
  std::map<std::string, TarEntry::Type> names_;
  std::set<std::string> own_names_;  // of entries that extended headers name
  std::set<std::string> parents_;
  std::map<std::string, std::string> links_;
};

}  // namespace hallmark::store
