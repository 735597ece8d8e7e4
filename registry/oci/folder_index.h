// SPDX-License-Identifier: Apache-2.0
//
// index.json of one repository in a folder registry (OCI image-spec 1.1, image-layout.md): the tag is the ref.name of
// an entry, as other tools write and read it. Entries that we do not understand are kept.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/image/image.h"

namespace hallmark::registry {

/// The list in memory. Nothing is on the disk before write(), and what was read is a claim.
class FolderIndex {
 public:
  /// Empty when there is none. Fault::corrupt when it cannot be read.
  static FolderIndex read(const std::filesystem::path& repository);

  [[nodiscard]] std::optional<store::Descriptor> find(const std::string& tag) const;
  [[nodiscard]] std::optional<store::Descriptor> find(const Digest& digest) const;
  [[nodiscard]] std::set<std::string> tags() const;

  /// An entry without a tag, unless there is one for the digest.
  void put(const store::Descriptor& root);
  /// What had the tag keeps an entry without one; one without a tag for the same digest is not needed any more.
  void put(const store::Descriptor& root, const std::string& tag);
  /// Entries without a tag for what another entry lists.
  void drop_untagged(const Digest& digest);

  /// In one visible step; the caller holds the repository's lock.
  void write(const std::filesystem::path& repository) const;

 private:
  struct Entry {
    json::Value written;
    std::optional<store::Descriptor> descriptor;  // absent when we cannot read it
    std::string tag;                              // empty when it has none
  };
  static Entry read_entry(json::Value value);
  static Entry make_entry(const store::Descriptor& root, const std::string& tag);

  json::Object document_;  // other members are kept
  std::vector<Entry> entries_;
};

}  // namespace hallmark::registry
