// SPDX-License-Identifier: Apache-2.0
//
// The headers of a tar that somebody else made, one entry after the other, in one forward pass: ustar, pax and GNU,
// with what extended headers say of the entry that comes after them. Stricter than any extractor, since extractors
// disagree: what two of them would read in two ways is refused. Refusals have the words of
// store/stream/archive_refusal.h.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/tar/pax.h"
#include "store/tar/tar_header.h"
#include "trust/bytes.h"

namespace hallmark::store {

/// One entry. What begins with `own_` is what readers find that know no extended headers.
struct TarItem {
  enum class Type { file, folder, link, hard_link, device };
  Type type;
  std::string name;                            ///< as it is written, by its extended header if that has it
  std::string own_name;                        ///< by its own header
  std::string target;                          ///< of links, as it is written, by the extended header if that has it
  std::string own_target;                      ///< by its own header
  std::uint64_t size;                          ///< of files; 0 of all others
  std::vector<std::string> header_names = {};  ///< of the extended headers before it
};

/// Zero bytes that may follow a tar's last entry: writers fill their last record.
constexpr std::uint64_t kMostTarPadding = std::uint64_t{16} << 20U;

/// For one tar, once. The bytes that `pull` gives have to stay until it is called again.
class TarReader {
 public:
  /// More of the tar, empty at its end.
  using Pull = std::function<ByteView()>;
  explicit TarReader(Pull pull) : pull_(std::move(pull)) {}

  /// What is left of the last entry is passed over. Absent at the end: all of the input was read then.
  std::optional<TarItem> next();
  /// More of the entry's bytes, empty at their end. They are there until the next call.
  ByteView data();
  /// How many blocks of zeros the tar ended with, of the two that mark its end.
  [[nodiscard]] std::size_t end_blocks() const { return end_blocks_; }

 private:
  using Block = std::array<std::uint8_t, kTarBlock>;
  /// What extended headers say of the entry that comes next, GNU's as well.
  using Extended = PaxHeader;

  [[nodiscard]] bool fill(Block& block);
  void skip(std::uint64_t size);
  std::string text(std::uint64_t size);
  void read_extended(const TarHeader& header, Extended& extended);
  TarItem item_of(const TarHeader& header, const Extended& extended);
  void read_end();

  Pull pull_;
  ByteView rest_;
  std::uint64_t left_ = 0;     // of the entry
  std::uint64_t padding_ = 0;  // after it
  bool has_begun_ = false;
  bool is_finished_ = false;
  std::size_t end_blocks_ = 0;
};

}  // namespace hallmark::store
