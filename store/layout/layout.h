// SPDX-License-Identifier: Apache-2.0
//
// index.json and oci-layout (image-spec 1.1, image-layout.md). Entries that other tools wrote are kept as they are;
// a damaged file is said to be damaged and never written over.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/disk/file.h"
#include "store/image/image.h"
#include "store/image/image_summary.h"
#include "store/layout/layout_paths.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::store {

/// Fault::local when the folder holds something else than a layout of version 1.0.0 or the beginnings of one.
void check_layout(const Path& directory);
/// Makes what a layout needs besides index.json. The caller holds the lock.
void make_layout(const Path& directory);

/// What an entry says besides the name and the root.
struct EntryFields {
  std::vector<Digest> manifests;
  std::uint64_t uncompressed_size = 0;
  std::optional<ImageSummary> summary = {};
  std::optional<AdmissionReason> admission_reason = {};
  std::optional<Digest> admitted = {};  ///< of an index that was not admitted as a whole: its manifest that was
};

/// One entry of index.json.
struct LayoutEntry {
  json::Value written;                   ///< as it stands in the file
  std::optional<Descriptor> descriptor;  ///< absent when we cannot read it
  std::optional<Reference> name;         ///< absent when it has none that is full and clear
  /// The manifests that a commit of this program brought in; empty when another tool made the entry.
  std::vector<Digest> manifests;
  std::uint64_t uncompressed_size = 0;
  std::optional<ImageSummary> summary = {};  ///< these two are claims: who copies the file copies them
  std::optional<AdmissionReason> admission_reason = {};
  std::optional<Digest> admitted = {};  ///< as in EntryFields

  [[nodiscard]] bool is_ours() const { return !manifests.empty(); }
};

/// The entries of index.json unread, for lists, which may be long and need each entry only once. Empty when there is no
/// such file; Fault::corrupt when it cannot be read.
std::vector<json::Value> written_entries(const Path& directory);
/// What it says, as far as we understand it; the rest stays as written.
LayoutEntry read_entry(json::Value written);

using LayoutEntries = std::list<LayoutEntry>;

/// All entries in their order, changed in memory and written as a whole.
class LayoutIndex {
 public:
  LayoutIndex() = default;
  ~LayoutIndex() = default;
  LayoutIndex(const LayoutIndex&) = delete;
  LayoutIndex& operator=(const LayoutIndex&) = delete;
  LayoutIndex(LayoutIndex&&) = default;
  LayoutIndex& operator=(LayoutIndex&&) = default;

  /// Empty when there is no index.json. Fault::corrupt when it cannot be read.
  static LayoutIndex read(const Path& directory);

  [[nodiscard]] const LayoutEntries& entries() const { return entries_; }
  /// nullptr when there is none of that name.
  [[nodiscard]] const LayoutEntry* find(const Reference& name) const;

  /// Gives the name to these bytes. What had the name keeps an entry by its digest, so that nothing is lost.
  void put(const Reference& name, const Descriptor& root, const EntryFields& fields);
  /// Takes the entry of that name away.
  void remove(const Reference& name);

  /// What write() puts into the file.
  [[nodiscard]] std::string text() const;
  /// In one step that is visible as a whole. The caller holds the lock.
  void write(const Path& directory) const;

 private:
  void add(LayoutEntry entry);
  /// Those that have the name, in the order in which they stand, out of the index.
  LayoutEntries taken_out(const Reference& name);

  json::Object document_;  // other members are kept
  LayoutEntries entries_;
  // By the text: a reference also remembers whether its tag was typed. An image may have thousands of names.
  std::multimap<std::string, LayoutEntries::iterator> by_name_;
};

}  // namespace hallmark::store
