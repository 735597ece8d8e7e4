// SPDX-License-Identifier: Apache-2.0
//
// The targets of one document in a compact, sorted form: a repository may have a hundred thousand tags.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/digest.h"

namespace hallmark::tuf {

/// Append only. What it gives out as a view lives in the table and is gone after the next append().
class TargetTable {
 public:
  struct Entry {
    std::string_view name;  ///< lives as long as the table
    std::uint64_t length;
    std::vector<Digest> digests;
  };

  /// Names must come in bytewise ascending order, as the members of a json::Object do.
  void append(std::string_view name, std::uint64_t length, const std::vector<Digest>& digests);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  /// `index` is below size().
  [[nodiscard]] Entry at(std::size_t index) const;
  /// Absent when the document does not name it.
  [[nodiscard]] std::optional<Entry> find(std::string_view name) const;

 private:
  struct Row {
    std::size_t name_begin;
    std::size_t hash_begin;
    std::uint64_t length;
  };

  [[nodiscard]] std::string_view name_of(std::size_t index) const;

  std::vector<Row> rows_;
  std::string names_;  // one after the other
  Bytes hashes_;       // each as one byte for the algorithm, then the raw hash
};

}  // namespace hallmark::tuf
