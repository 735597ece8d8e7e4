// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/target_table.h"

namespace hallmark::tuf {
namespace {

/// Of the raw hash, in bytes.
std::size_t size_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::sha256: return 32;
    case Algorithm::sha384: return 48;
    case Algorithm::sha512: break;
  }
  return 64;
}

}  // namespace

void TargetTable::append(std::string_view name, std::uint64_t length, const std::vector<Digest>& digests) {
  // A row has no ends: they are where the next row begins.
  rows_.push_back({names_.size(), hashes_.size(), length});
  names_ += name;
  for (const Digest& digest : digests) {
    hashes_.push_back(static_cast<std::uint8_t>(digest.algorithm()));
    const Bytes raw = parse_hex(digest.hex());
    hashes_.insert(hashes_.end(), raw.begin(), raw.end());
  }
}

std::string_view TargetTable::name_of(std::size_t index) const {
  const std::size_t end = index + 1 < rows_.size() ? rows_[index + 1].name_begin : names_.size();
  return std::string_view(names_).substr(rows_[index].name_begin, end - rows_[index].name_begin);
}

TargetTable::Entry TargetTable::at(std::size_t index) const {
  Entry entry{name_of(index), rows_[index].length, {}};
  const std::size_t end = index + 1 < rows_.size() ? rows_[index + 1].hash_begin : hashes_.size();
  for (std::size_t at = rows_[index].hash_begin; at < end;) {
    const auto algorithm = static_cast<Algorithm>(hashes_[at]);
    entry.digests.push_back(Digest::from_raw(algorithm, ByteView(hashes_).subspan(at + 1, size_of(algorithm))));
    at += 1 + size_of(algorithm);
  }
  return entry;
}

std::optional<TargetTable::Entry> TargetTable::find(std::string_view name) const {
  // In the order of bytes, as json::Object sorts. By any other order a name that is there would not be found.
  std::size_t low = 0;
  std::size_t high = rows_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (name_of(middle) < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == rows_.size() || name_of(low) != name) return std::nullopt;
  return at(low);
}

}  // namespace hallmark::tuf
