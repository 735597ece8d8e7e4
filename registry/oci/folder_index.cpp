// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/folder_index.h"

#include <algorithm>

#include "store/layout/index_file.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::registry {

FolderIndex::Entry FolderIndex::read_entry(json::Value value) {
  Entry entry{std::move(value), std::nullopt, {}};
  try {
    entry.descriptor = store::read_index_entry(entry.written);
  } catch (const Error&) {
    return entry;  // another tool's; left alone
  }
  // A ref.name may be more than a tag (OCI image-spec, annotations.md), such as a whole reference. What is no tag names
  // nothing here.
  const auto name = entry.descriptor->annotations.find(std::string(store::kRefName));
  if (name != entry.descriptor->annotations.end() && Reference::is_tag(name->second)) entry.tag = name->second;
  return entry;
}

FolderIndex::Entry FolderIndex::make_entry(const store::Descriptor& root, const std::string& tag) {
  json::Writer writer(0);
  writer.begin_object().member("mediaType", root.media_type).member("digest", root.digest.to_string());
  writer.key("size").size(root.size);
  if (!tag.empty()) writer.key("annotations").begin_object().member(store::kRefName, tag).end_object();
  // What is written is what this program would read: one way to an entry, with one set of checks.
  return read_entry(json::parse("entry", view_of(writer.end_object().text())));
}

FolderIndex FolderIndex::read(const std::filesystem::path& repository) {
  auto file =
      store::IndexFile::read(repository, "restore index.json from a copy, or move the folder away and push again");
  FolderIndex index;
  index.document_ = std::move(file.members);
  for (json::Value& value : file.entries) index.entries_.push_back(read_entry(std::move(value)));
  return index;
}

std::optional<store::Descriptor> FolderIndex::find(const std::string& tag) const {
  // Where other tools left several with the tag, the first counts. put() leaves one.
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.descriptor && entry.tag == tag; });
  return found == entries_.end() ? std::nullopt : found->descriptor;
}

std::optional<store::Descriptor> FolderIndex::find(const Digest& digest) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.descriptor && entry.descriptor->digest == digest;
  });
  return found == entries_.end() ? std::nullopt : found->descriptor;
}

std::set<std::string> FolderIndex::tags() const {
  std::set<std::string> tags;
  for (const Entry& entry : entries_) {
    if (entry.descriptor && !entry.tag.empty()) tags.insert(entry.tag);
  }
  return tags;
}

void FolderIndex::put(const store::Descriptor& root) {
  if (!find(root.digest)) entries_.push_back(make_entry(root, {}));
}

void FolderIndex::put(const store::Descriptor& root, const std::string& tag) {
  const auto displaced = find(tag);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.descriptor && entry.tag == tag; });
  drop_untagged(root.digest);
  entries_.push_back(make_entry(root, tag));
  // In no entry at all it would be garbage to tools that clean such a folder up.
  if (displaced) put(*displaced);
}

void FolderIndex::drop_untagged(const Digest& digest) {
  std::erase_if(entries_, [&](const Entry& entry) {
    return entry.descriptor && entry.tag.empty() && entry.descriptor->digest == digest;
  });
}

void FolderIndex::write(const std::filesystem::path& repository) const {
  const std::string text = store::index_text(document_, [&](json::Writer& writer) {
    for (const Entry& entry : entries_) writer.value(entry.written);
  });
  store::write_index_file(repository, text, "a repository cannot have more tags than that; push to another one");
}

}  // namespace hallmark::registry
