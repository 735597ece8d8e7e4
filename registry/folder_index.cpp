// SPDX-License-Identifier: Apache-2.0
#include "registry/folder_index.h"

#include <algorithm>

#include "store/file.h"
#include "store/layout.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::registry {
namespace {

constexpr std::string_view kIndexFile = "index.json";
constexpr std::uint64_t kMostIndexBytes = std::uint64_t{64} << 20U;
constexpr std::size_t kMostIndexValues = 2'000'000;
constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";

}  // namespace

FolderIndex::Entry FolderIndex::read_entry(const json::Value& value) {
  Entry entry{value, std::nullopt, {}};
  try {
    const json::Object& object = value.object();
    entry.descriptor = store::Descriptor{object.at("mediaType").string(),
                                         Digest::parse(object.at("digest").string()),
                                         object.at("size").size(),
                                         std::nullopt,
                                         {}};
    const json::Value* const annotations = object.find("annotations");
    if (annotations == nullptr || annotations->is_null()) return entry;
    const json::Value* const name = annotations->object().find(kRefName);
    if (name != nullptr && Reference::is_tag(name->string())) entry.tag = name->string();
  } catch (const Error&) {
    entry.descriptor.reset();  // another tool's; left alone
  }
  return entry;
}

FolderIndex::Entry FolderIndex::make_entry(const store::Descriptor& root, const std::string& tag) {
  json::Writer writer(0);
  writer.begin_object().member("mediaType", root.media_type).member("digest", root.digest.to_string());
  writer.key("size").size(root.size);
  if (!tag.empty()) writer.key("annotations").begin_object().member(kRefName, tag).end_object();
  return read_entry(json::parse("entry", view_of(writer.end_object().text())));
}

FolderIndex FolderIndex::read(const std::filesystem::path& repository) {
  FolderIndex index;
  try {
    const auto bytes = store::read_file(repository / kIndexFile, kMostIndexBytes);
    if (!bytes) return index;
    index.document_ = json::parse("index.json", *bytes, json::Limits{kMostIndexBytes, 64, kMostIndexValues}).object();
    if (index.document_.at("schemaVersion").integer() != 2) fail(Fault::corrupt, "index.json: schemaVersion is not 2");
    for (const json::Value& value : index.document_.at("manifests").array()) {
      index.entries_.push_back(read_entry(value));
    }
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    throw Error(Fault::corrupt, printable(repository.string(), 300) + " is damaged: " + error.what(),
                "restore index.json from a copy, or move the folder away and push again");
  }
  return index;
}

std::optional<store::Descriptor> FolderIndex::find(const std::string& tag) const {
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
  if (displaced) put(*displaced);
}

void FolderIndex::drop_untagged(const Digest& digest) {
  std::erase_if(entries_, [&](const Entry& entry) {
    return entry.descriptor && entry.tag.empty() && entry.descriptor->digest == digest;
  });
}

void FolderIndex::write(const std::filesystem::path& repository) const {
  json::Writer writer(0);
  writer.begin_object();
  if (document_.members().empty()) {
    writer.member("mediaType", "application/vnd.oci.image.index.v1+json").key("schemaVersion").integer(2);
  }
  for (const auto& [name, value] : document_.members()) {
    if (name != "manifests") writer.key(name).value(value);
  }
  writer.key("manifests").begin_array();
  for (const Entry& entry : entries_) writer.value(entry.written);
  const std::string text = writer.end_array().end_object().text();
  if (text.size() > kMostIndexBytes) {
    fail(Fault::local, "index.json would have ", text.size(), " bytes, at most ", kMostIndexBytes, " can be read");
  }
  store::replace_file(repository / kIndexFile, store::own_folder(repository) / "index.json.new", view_of(text));
}

}  // namespace hallmark::registry
